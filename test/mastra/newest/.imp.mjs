export const i = (s) => import(s)
