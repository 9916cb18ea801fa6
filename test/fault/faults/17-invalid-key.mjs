import { refusedForGood } from '../refused-for-good.mjs'

export const what = '401 with the code of the service: one request, one line, the end'

export async function short(context) {
  const body = { code: 'invalid_api_key', error: 'The key is wrong.' }
  await refusedForGood(context, { status: 401, body, reason: 'unauthorized' })
}
