/** What the tools of every host do; the objects made of them are shared by all turns. They end one after the other. */
export function toolsOf(toolUrl) {
  return {
    weather: async ({ city }) => {
      const response = await fetch(`${toolUrl}?city=${city}`)
      return (await response.json()).sky
    },
    lookup: async ({ item }) => {
      await new Promise((resolve) => {
        setTimeout(resolve, 100)
      })
      return `value of ${item}`
    },
  }
}

export function schemasOf(z) {
  return { weather: z.object({ city: z.string() }), lookup: z.object({ item: z.string() }) }
}
