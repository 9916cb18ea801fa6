/*
 * What ESM and CJS copies, and two installed versions of one major, have in common: one object on `globalThis`. Its
 * slots are only ever added, never changed in shape, within v1.
 */
const KEY = Symbol.for('trulayer.v1')

/**
 * The value that every copy of the library shares under `name`, made on first use. Callers agree on its type by
 * agreeing on its name: one module owns a name.
 */
export function shared<Value>(name: string, create: () => Value): Value {
  const slots = sharedSlots()
  if (!slots.has(name)) {
    slots.set(name, create())
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the owner of the name made it with `create`
  return slots.get(name) as Value
}

function sharedSlots(): Map<string, unknown> {
  const existing: unknown = Reflect.get(globalThis, KEY)
  if (existing instanceof Map) {
    return existing
  }
  const slots = new Map<string, unknown>()
  Reflect.set(globalThis, KEY, slots)
  return slots
}
