/** A visitor's thumb, by a relay; answers the status that the page gets. */
export async function thumb(relay) {
  const response = await relay(
    new Request('https://shop.example/api/trulayer', {
      method: 'POST',
      headers: { origin: 'https://shop.example', 'content-type': 'application/json' },
      body: JSON.stringify({ trace_id: '0190f5fe-7c00-7a00-8080-000000000000', label: 'good' }),
    }),
  )
  return response.status
}
