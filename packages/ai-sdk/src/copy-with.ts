/** Properties that stand in for others. */
export type Replacements = Readonly<Record<PropertyKey, unknown>>

/**
 * A shallow copy with other values for some properties. Prototype, symbols, hidden properties and getters stay as they
 * are, and what is frozen can be copied too.
 */
export function copyWith<Original extends object>(
  original: Original,
  replacements: Replacements,
): Original {
  if (isPlainData(original)) {
    return { ...original, ...replacements }
  }
  const properties: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(original)
  for (const key of Reflect.ownKeys(properties)) {
    properties[key] = { ...properties[key], configurable: true }
  }
  for (const key of Reflect.ownKeys(replacements)) {
    properties[key] = replacementOf(replacements[key], properties[key])
  }
  return Object.create(Object.getPrototypeOf(original), properties)
}

/*
 * What is written as a literal needs no descriptors, and nearly everything is. A getter is read here, once, where the SDK
 * would read it.
 */
function isPlainData(value: object): boolean {
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.getOwnPropertyNames(value).length === Object.keys(value).length
  )
}

/** A copy of a module with other exports for some names. An export that throws when it is read does so in the copy too. */
export function copyNamespace<Namespace extends object>(
  namespace: Namespace,
  replacements: Replacements,
): Namespace {
  try {
    return copyWith(namespace, replacements)
  } catch {
    const properties: PropertyDescriptorMap = {}
    for (const key of keysOf(namespace)) {
      properties[key] = exportOf(namespace, key)
    }
    for (const key of Reflect.ownKeys(replacements)) {
      properties[key] = replacementOf(replacements[key], properties[key])
    }
    return Object.create(null, properties)
  }
}

function keysOf(namespace: object): (string | symbol)[] {
  try {
    return Reflect.ownKeys(namespace)
  } catch {
    return []
  }
}

function exportOf(namespace: object, key: PropertyKey): PropertyDescriptor {
  try {
    return replacementOf(Reflect.get(namespace, key), undefined)
  } catch {
    return { get: () => Reflect.get(namespace, key), configurable: true, enumerable: true }
  }
}

/**
 * A stand-in for an object that has state of its own: reads go to the original, methods run on it (so that private fields
 * work), and only the given properties are others.
 *
 * What is assigned to the stand-in stays on it. Other tools patch models and tools in place at each call, and a stand-in
 * belongs to one call, while the original may serve the whole process: a wrapper that reached the original would hold
 * that call for good, and each later call would run through it.
 */
export function overlay<Original extends object>(
  original: Original,
  replacements: Replacements,
): Original {
  // Not a proxy of the original itself: what is frozen there would have to be given back unchanged. Nor of a copy, which
  // is made for each call and hardly ever looked at as a whole.
  const assigned: Original = Object.create(Object.getPrototypeOf(original))
  return new Proxy(assigned, new Overlay(original, replacements))
}

/* The target of the proxy holds what was assigned, so that every descriptor that is reported also exists there. */
class Overlay<Original extends object> implements ProxyHandler<Original> {
  readonly #original: Original
  readonly #replacements: Replacements
  /* Own properties of the original that were deleted here. */
  #deleted: Set<PropertyKey> | undefined

  constructor(original: Original, replacements: Replacements) {
    this.#original = original
    this.#replacements = replacements
  }

  get(assigned: Original, key: PropertyKey, receiver: unknown): unknown {
    if (Object.hasOwn(assigned, key)) {
      return Reflect.get(assigned, key, receiver)
    }
    return this.#isReplaced(key) ? this.#replacements[key] : this.#readThrough(assigned, key)
  }

  set(assigned: Original, key: PropertyKey, value: unknown): boolean {
    if (Object.hasOwn(assigned, key)) {
      return Reflect.set(assigned, key, value, assigned)
    }
    // A setter is a method of the original. A function is kept out of it, as it may be a wrapper.
    if (typeof value !== 'function' && !this.#isReplaced(key) && hasSetter(this.#original, key)) {
      return Reflect.set(this.#original, key, value, this.#original)
    }
    return Reflect.defineProperty(
      assigned,
      key,
      replacementOf(value, this.getOwnPropertyDescriptor(assigned, key)),
    )
  }

  has(assigned: Original, key: PropertyKey): boolean {
    return (
      Object.hasOwn(assigned, key) ||
      this.#isReplaced(key) ||
      Reflect.has(this.#sourceOf(assigned, key), key)
    )
  }

  /* As with the original: a method of its class is no own property, although it is replaced. */
  ownKeys(assigned: Original): (string | symbol)[] {
    const own = Reflect.ownKeys(this.#original).filter((key) => this.#deleted?.has(key) !== true)
    return [...new Set([...own, ...Reflect.ownKeys(assigned)])]
  }

  getOwnPropertyDescriptor(assigned: Original, key: PropertyKey): PropertyDescriptor | undefined {
    const property = Reflect.getOwnPropertyDescriptor(assigned, key)
    if (property !== undefined || this.#deleted?.has(key) === true) {
      return property
    }
    const own = Reflect.getOwnPropertyDescriptor(this.#original, key)
    if (own === undefined) {
      return undefined
    }
    // A proxy must report a property that its target does not own as configurable.
    return this.#isReplaced(key)
      ? replacementOf(this.#replacements[key], own)
      : { ...own, configurable: true }
  }

  defineProperty(assigned: Original, key: PropertyKey, property: PropertyDescriptor): boolean {
    this.#take(assigned, key)
    return Reflect.defineProperty(assigned, key, property)
  }

  deleteProperty(assigned: Original, key: PropertyKey): boolean {
    if (Object.hasOwn(this.#original, key)) {
      this.#deleted ??= new Set()
      this.#deleted.add(key)
    }
    return Reflect.deleteProperty(assigned, key)
  }

  /* A target that takes no more properties must have all that are shown. */
  preventExtensions(assigned: Original): boolean {
    for (const key of this.ownKeys(assigned)) {
      this.#take(assigned, key)
    }
    return Reflect.preventExtensions(assigned)
  }

  /* Makes a property that is shown one of the target, so that a partial change leaves the rest as it is. */
  #take(assigned: Original, key: PropertyKey): void {
    const shown = this.getOwnPropertyDescriptor(assigned, key)
    if (shown !== undefined && !Object.hasOwn(assigned, key)) {
      Reflect.defineProperty(assigned, key, shown)
    }
  }

  #isReplaced(key: PropertyKey): boolean {
    return this.#deleted?.has(key) !== true && Object.hasOwn(this.#replacements, key)
  }

  /* Below a deleted property lies that of the prototype, which the target has as well. */
  #sourceOf(assigned: Original, key: PropertyKey): Original {
    return this.#deleted?.has(key) === true ? assigned : this.#original
  }

  #readThrough(assigned: Original, key: PropertyKey): unknown {
    const source = this.#sourceOf(assigned, key)
    const value: unknown = Reflect.get(source, key, this.#original)
    // A bound function loses its own properties, which own functions (schemas) and the class may have.
    const isMethod =
      typeof value === 'function' && key !== 'constructor' && !Object.hasOwn(source, key)
    return isMethod ? value.bind(this.#original) : value
  }
}

function hasSetter(holder: object, key: PropertyKey): boolean {
  for (let owner: object | null = holder; owner !== null; owner = Reflect.getPrototypeOf(owner)) {
    const property = Reflect.getOwnPropertyDescriptor(owner, key)
    if (property !== undefined) {
      return property.set !== undefined
    }
  }
  return false
}

function replacementOf(
  value: unknown,
  original: PropertyDescriptor | undefined,
): PropertyDescriptor {
  return { value, configurable: true, enumerable: original?.enumerable ?? true, writable: true }
}
