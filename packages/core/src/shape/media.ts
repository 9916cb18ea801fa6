import { type Fields, isList, isObject } from './read.ts'
import { probe } from './readable.ts'

/** Binary content, described by its type and size. */
export interface BlobPart {
  readonly type: 'blob'
  readonly mime_type?: string | undefined
  readonly bytes?: number | undefined
}

/** Media found in an object: what is recorded instead, and the keys that it replaces. */
export interface FoundMedia {
  readonly part: BlobPart
  readonly keys: ReadonlySet<string>
}

/* Keys that may hold content. Only an object with one of them is examined, as every object of every payload passes here. */
const CONTENT_KEYS: ReadonlySet<string> = new Set([
  'data',
  'image',
  'audio',
  'video',
  'blob',
  'bytes',
  'result',
  'base64',
  'base64Data',
  'uint8ArrayData',
  'b64_json',
  'file_data',
  'imageBytes',
  'videoBytes',
  'bytesBase64Encoded',
])
/* Keys that hold nothing but base64 text. */
const BASE64_KEYS: ReadonlySet<string> = new Set([
  'base64',
  'base64Data',
  'b64_json',
  'file_data',
  'imageBytes',
  'videoBytes',
  'bytesBase64Encoded',
])
/* Keys that hold a name as often as content. */
const NAME_KEYS: ReadonlySet<string> = new Set(['image', 'audio', 'video', 'result'])
const TYPE_KEYS = ['mimeType', 'mediaType', 'media_type', 'mime_type'] as const
const MEDIA_KINDS: ReadonlySet<unknown> = new Set([
  'image',
  'audio',
  'video',
  'file',
  'media',
  'base64',
  'image-data',
  'file-data',
  'input_image',
  'input_audio',
  'input_file',
  'reasoning-file',
  'image_generation_call',
])
/* Types whose content may well be written as plain text. */
const TEXT_TYPE = /^text\/|[/+](?:json|xml|javascript|yaml)$/i

/* A shorter text may be an id or a name, unless its media type says what it is. */
const LONGEST_NAME = 64
/* Without any context, content is long and starts as a known format does. */
const LONGEST_ID = 256
/* How much of a long text is examined. */
const SAMPLE = 1024

const HASH = /^[0-9a-f]{16,128}$/i
const BASE64 = /^[A-Za-z0-9+/_\-\r\n]+={0,2}\s?$/
const BASE64_RUN = /[A-Za-z0-9+/]*={0,2}/y
const DATA_URL = /^data:([^;,\s"]*)((?:;[^;,\s"]*)*),/i
const BASE64_MARK = ';base64,'
const LONGEST_HEAD = 200

const MEDIA_TYPE = /\b(?:image|audio|video)\/[a-z0-9][a-z0-9.+-]*/i
/* How close to its content a media type is looked for. */
const NEAR = 100

/* How common formats start, as base64. */
const FORMATS = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', undefined],
  ['JVBERi0', 'application/pdf'],
  ['SUQz', 'audio/mpeg'],
  ['T2dnUw', 'audio/ogg'],
  ['UEsDB', 'application/zip'],
  ['AAAAIGZ0eXA', 'video/mp4'],
  ['AAAAHGZ0eXA', 'video/mp4'],
] as const

/** True for an object with a key that may hold media, which {@link findMedia} then examines. */
export function mayHoldMedia(keys: readonly string[]): boolean {
  for (const key of keys) {
    if (CONTENT_KEYS.has(key)) {
      return true
    }
  }
  return false
}

/**
 * The media that an object holds in one of the forms that frameworks and providers use: a kind or a media type beside base64
 * text, bytes or a data URL. `undefined` where the content may as well be an id or an ordinary text.
 */
export function findMedia(source: Fields, keys: readonly string[]): FoundMedia | undefined {
  const kind = probe(source, 'type')
  const mediaType = mediaTypeOf(source)
  const found = new Set<string>(['type', ...TYPE_KEYS])
  let part: BlobPart | undefined
  for (const key of keys) {
    if (CONTENT_KEYS.has(key)) {
      const value = probe(source, key)
      const content = isObject(value)
        ? bytesPart(value, { kind, mediaType })
        : textPart(value, { key, kind, mediaType })
      if (content !== undefined) {
        part ??= content
        found.add(key)
      }
    }
  }
  return part === undefined ? undefined : { part, keys: found }
}

interface Context {
  readonly kind: unknown
  readonly mediaType: string | undefined
}

function mediaTypeOf(source: Fields): string | undefined {
  for (const key of TYPE_KEYS) {
    const value = probe(source, key)
    if (typeof value === 'string' && value !== '') {
      return value
    }
  }
  const format = probe(source, 'format')
  return typeof format === 'string' && /^[a-z0-9]{2,5}$/.test(format) && 'data' in source
    ? `audio/${format}`
    : undefined
}

function textPart(
  value: unknown,
  { key, kind, mediaType }: Context & { readonly key: string },
): BlobPart | undefined {
  if (typeof value !== 'string' || value === '') {
    return undefined
  }
  const url = dataUrlPart(value)
  if (url !== undefined) {
    return url
  }
  const format = formatOf(value)
  if (!isContent(value, { key, kind, mediaType, isKnown: format !== undefined })) {
    return undefined
  }
  const type = mediaType ?? format?.mediaType
  if (isBase64(value)) {
    return blobPart(type, base64Bytes(value))
  }
  // Some frameworks cut long texts and append a mark. How long the content was is then unknown.
  return isBinary(mediaType) && endOfRun(value, 0) >= LONGEST_ID
    ? blobPart(type, undefined)
    : undefined
}

function isContent(
  text: string,
  { key, kind, mediaType, isKnown }: Context & { readonly key: string; readonly isKnown: boolean },
): boolean {
  const { length } = text
  if (length >= LONGEST_NAME) {
    const isSaid = mediaType !== undefined || MEDIA_KINDS.has(kind) || BASE64_KEYS.has(key)
    return (isSaid && !HASH.test(text)) || (isKnown && key !== 'result')
  }
  return isBinary(mediaType)
    ? !NAME_KEYS.has(key) && length % 4 === 0 && !HASH.test(text)
    : isKnown && MEDIA_KINDS.has(kind)
}

function isBinary(mediaType: string | undefined): boolean {
  return mediaType !== undefined && !TEXT_TYPE.test(mediaType)
}

/* Bytes in any form; a `Buffer` may have been through JSON, and the SDK tags content with its form. */
function bytesPart(value: Fields, { kind, mediaType }: Context): BlobPart | undefined {
  if (isList(value)) {
    const isBytes = kind === 'Buffer' || (isBinary(mediaType) && isByte(value[0]))
    return isBytes ? blobPart(mediaType, value.length) : undefined
  }
  const isMedia = mediaType !== undefined || MEDIA_KINDS.has(kind)
  const byteLength = probe(value, 'byteLength')
  if (typeof byteLength === 'number') {
    return isMedia ? blobPart(mediaType, byteLength) : undefined
  }
  const inner = probe(value, 'type')
  const data = probe(value, 'data')
  if (!isMedia || (inner !== 'Buffer' && inner !== 'data' && inner !== 'base64')) {
    return undefined
  }
  return isObject(data)
    ? bytesPart(data, { kind: inner, mediaType })
    : textPart(data, { key: 'data', kind: 'base64', mediaType: mediaType ?? mediaTypeOf(value) })
}

function isByte(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 256
}

/** The media that a text is as a whole: a data URL, or long base64 that starts as a known format does. */
export function wholeMedia(text: string): BlobPart | undefined {
  const url = dataUrlPart(text)
  if (url !== undefined) {
    return url
  }
  const format = text.length < LONGEST_ID ? undefined : formatOf(text)
  return format !== undefined && isBase64(text)
    ? blobPart(format.mediaType, base64Bytes(text))
    : undefined
}

/** The text with data URLs, and long base64 of known formats, replaced by their type and size. */
export function withoutMedia(text: string): string {
  const clean = text.includes(BASE64_MARK) ? withoutDataUrls(text) : text
  return clean.length < SAMPLE ? clean : withoutBase64(clean)
}

/** True for a text that has a run of that many base64 characters, or a data URL. Most characters are not looked at. */
export function mayHoldBase64(text: string, length: number): boolean {
  return text.includes(BASE64_MARK) || nextRun(text, 0, length) !== undefined
}

/** Text in place of media that stands inside of a longer text. It needs no escape in JSON. */
function mediaText({ mime_type: mediaType, bytes }: BlobPart): string {
  return `[blob${mediaType === undefined ? '' : ` ${mediaType}`} ${bytes} bytes]`
}

function withoutDataUrls(text: string): string {
  const pieces: string[] = []
  let kept = 0
  let mark = text.indexOf(BASE64_MARK)
  while (mark !== -1) {
    const content = mark + BASE64_MARK.length
    const end = endOfRun(text, content)
    const head =
      end > content ? dataHead(text.slice(Math.max(kept, mark - LONGEST_HEAD), content)) : undefined
    if (head !== undefined) {
      const part = blobPart(head.mediaType, base64Bytes(text.slice(content, end)))
      pieces.push(text.slice(kept, content - head.length), mediaText(part))
      kept = end
    }
    mark = text.indexOf(BASE64_MARK, end)
  }
  return kept === 0 ? text : pieces.join('') + text.slice(kept)
}

/* The start of a data URL at the end of a text. */
function dataHead(
  text: string,
): { readonly length: number; readonly mediaType: string | undefined } | undefined {
  const start = text.lastIndexOf('data:')
  const head = start === -1 ? null : DATA_URL.exec(text.slice(start))
  return head === null ? undefined : { length: text.length - start, mediaType: head[1] }
}

function withoutBase64(text: string): string {
  const pieces: string[] = []
  let kept = 0
  let run = nextRun(text, 0, SAMPLE)
  while (run !== undefined) {
    const content = text.slice(run.start, run.end)
    const format = formatOf(content) ?? formatBeside(text, run)
    if (format !== undefined) {
      const part = blobPart(format.mediaType, base64Bytes(content))
      pieces.push(text.slice(kept, run.start), mediaText(part))
      kept = run.end
    }
    run = nextRun(text, run.end, SAMPLE)
  }
  return kept === 0 ? text : pieces.join('') + text.slice(kept)
}

/* A media type close to a run of base64, as in JSON that was cut, or an object that was printed. */
function formatBeside(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): { readonly mediaType: string } | undefined {
  const around = `${text.slice(Math.max(0, start - NEAR), start)} ${text.slice(end, end + NEAR)}`
  const mediaType = MEDIA_TYPE.exec(around)?.[0]
  return mediaType === undefined ? undefined : { mediaType }
}

/*
 * The next run of at least `length` base64 characters. Such a run covers one of any `length` neighbouring places, so that
 * only every `length`-th character of ordinary text is looked at.
 */
function nextRun(
  text: string,
  from: number,
  length: number,
): { readonly start: number; readonly end: number } | undefined {
  let index = from + length - 1
  let least = from
  while (index < text.length) {
    if (isBase64Unit(text.charCodeAt(index))) {
      let start = index
      while (start > least && isBase64Unit(text.charCodeAt(start - 1))) {
        start -= 1
      }
      const end = endOfRun(text, index)
      if (end - start >= length) {
        return { start, end }
      }
      least = end
      index = end
    } else {
      least = index
    }
    index += length
  }
  return undefined
}

function endOfRun(text: string, index: number): number {
  BASE64_RUN.lastIndex = index
  return index + (BASE64_RUN.exec(text)?.[0].length ?? 0)
}

function isBase64Unit(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 47 && unit <= 57) ||
    unit === 43
  )
}

/**
 * The part for a text that is a data URL as a whole, `undefined` for any other text. Content that is not base64 counts for
 * types of media alone, as an ordinary text may begin like a data URL.
 *
 * @param isMedia - true where the text is known to be media or its address
 */
export function dataUrlPart(
  text: string,
  {
    mediaType,
    isMedia = false,
  }: { readonly mediaType?: string | undefined; readonly isMedia?: boolean } = {},
): BlobPart | undefined {
  const head = isDataUrl(text) ? DATA_URL.exec(text.slice(0, SAMPLE)) : null
  if (head === null) {
    return undefined
  }
  const [{ length }, type = '', parameters = ''] = head
  const content = text.slice(length)
  if (/;base64$/i.test(parameters)) {
    return isMedia || content === '' || isBase64(content)
      ? blobPart(type || mediaType, base64Bytes(content))
      : undefined
  }
  return isMedia || /^(?:image|audio|video|font)\//i.test(type)
    ? blobPart(type || mediaType, content.length)
    : undefined
}

function isDataUrl(text: string): boolean {
  return text.startsWith('data:') || text.startsWith('DATA:')
}

function formatOf(text: string): { readonly mediaType: string | undefined } | undefined {
  for (const [start, mediaType] of FORMATS) {
    if (text.startsWith(start)) {
      return { mediaType }
    }
  }
  return undefined
}

/* Whether a text is base64. Of a long one only the ends are examined. */
function isBase64(text: string): boolean {
  return text.length <= 2 * SAMPLE
    ? BASE64.test(text)
    : BASE64.test(text.slice(0, SAMPLE)) && BASE64.test(text.slice(-SAMPLE))
}

/** How many bytes the base64 text encodes. */
export function base64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return Math.max(0, Math.floor((text.length * 3) / 4) - padding)
}

/** The part for content of that type and size. */
export function blobPart(mediaType: string | undefined, bytes: number | undefined): BlobPart {
  return {
    type: 'blob',
    ...(mediaType === undefined || mediaType === '' ? {} : { mime_type: mediaType }),
    ...(bytes === undefined ? {} : { bytes }),
  }
}
