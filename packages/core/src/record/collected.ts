import { guard } from './guard.ts'

/** What hears that an object is gone which nobody had read to its end. */
export interface Collectable {
  collected(): void
}

let registry: FinalizationRegistry<Collectable> | undefined

/** Tells the listener when an object is collected. The listener must not hold the object. */
export function onCollected(target: object, listener: Collectable): void {
  if (typeof FinalizationRegistry === 'undefined') {
    return
  }
  registry ??= new FinalizationRegistry((gone: Collectable) =>
    guard('a stream that was left', () => gone.collected()),
  )
  registry.register(target, listener)
}
