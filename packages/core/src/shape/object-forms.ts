import type { Fields } from './read.ts'

/** How objects of a framework are shown; `undefined` for every other object. */
export type ObjectForm = (value: Fields) => unknown

const forms = new Set<ObjectForm>()

/**
 * Adds a form for objects of a framework whose `toJSON` is made for storing them, and not for reading. It is asked for objects
 * with a `toJSON` alone.
 */
export function addObjectForm(form: ObjectForm): void {
  forms.add(form)
}

/** The form in which an adapter shows an object of its framework; `undefined` for any other object. */
export function objectForm(value: Fields): unknown {
  for (const form of forms) {
    try {
      const shown = form(value)
      if (shown !== undefined) {
        return shown
      }
    } catch {
      // An object whose getters throw is shown as it is.
    }
  }
  return undefined
}
