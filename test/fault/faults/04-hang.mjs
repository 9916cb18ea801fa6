import { neverAnswered } from '../never-answered.mjs'
import { outage } from '../outage.mjs'

export const what = 'accepted and never answered: 4 requests at most, each given up at its timeout'

export async function short(context) {
  await neverAnswered(context, { kind: 'hang' })
}

/** 60 seconds of it by the real clock, without a spool and with one. */
export async function long(context) {
  await outage(context, {
    begin: (service) => service.rules({ reply: { kind: 'hang' } }),
    end: (service) => service.rules(),
  })
}
