export { type Fields, isList, isObject, isText, read, readText } from '@trulayer/core/internal'
