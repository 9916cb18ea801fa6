/** Lists what was put on objects of the host since, such as the wrapper of a method. */
export function watchOwnKeys(objects) {
  const before = Object.entries(objects).map(([name, object]) => [
    name,
    object,
    new Set(Reflect.ownKeys(object)),
  ])
  return () =>
    before.flatMap(([name, object, keys]) =>
      Reflect.ownKeys(object)
        .filter((key) => !keys.has(key))
        .map((key) => `${name}.${String(key)}`),
    )
}
