import { neverAnswered } from '../never-answered.mjs'

export const what = 'an answer whose body stalls for ever is given up like none'

export async function short(context) {
  await neverAnswered(context, { kind: 'stall' })
}
