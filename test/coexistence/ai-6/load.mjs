/** Imports a module of this set of versions. */
export const load = (name) => import(name)
