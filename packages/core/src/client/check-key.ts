/* The first characters of keys of other services; of two that fit the longer one comes first. */
const OTHERS: readonly (readonly [start: string, service: string])[] = [
  ['sk-ant-', 'Anthropic'],
  ['sk-or-', 'OpenRouter'],
  ['sk-lf-', 'Langfuse'],
  ['pk-lf-', 'Langfuse'],
  ['sk-', 'OpenAI or a service like it'],
  ['sk_live_', 'Stripe'],
  ['sk_test_', 'Stripe'],
  ['lsv2_', 'LangSmith'],
  ['gsk_', 'Groq'],
  ['xai-', 'xAI'],
  ['AIza', 'Google'],
  ['hf_', 'Hugging Face'],
  ['pplx-', 'Perplexity'],
  ['nvapi-', 'NVIDIA'],
  ['phc_', 'PostHog'],
  ['phx_', 'PostHog'],
  ['ghp_', 'GitHub'],
  ['github_pat_', 'GitHub'],
  ['AKIA', 'AWS'],
]
const QUOTE = /^["'`“”„‘’«»]|["'`“”„‘’«»]$/

/**
 * Why a key must not be sent: it is plainly the secret of another service, or quotes have become part of it. `undefined`
 * where nothing is known against it.
 */
export function unusableKey(apiKey: string): string | undefined {
  if (QUOTE.test(apiKey)) {
    return 'the API key is in quotes, which have become part of it, so it is not sent and nothing is recorded: remove them where TRULAYER_API_KEY or `apiKey` is set.'
  }
  const other = OTHERS.find(([start]) => apiKey.startsWith(start))
  return other === undefined
    ? undefined
    : `the API key begins with \`${other[0]}\`, as keys of ${other[1]} do, so it is not sent and nothing is recorded: set TRULAYER_API_KEY or \`apiKey\` to a key of TruLayer, which begins with \`tl_\`.`
}
