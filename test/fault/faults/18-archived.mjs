import { refusedForGood } from '../refused-for-good.mjs'

export const what = '403 with the code of an archived project: one request, one line, the end'

export async function short(context) {
  const body = { code: 'error.project.archived', message: 'The project is archived.' }
  await refusedForGood(context, { status: 403, body, reason: 'archived' })
}
