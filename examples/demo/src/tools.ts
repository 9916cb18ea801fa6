/** The temperature in a city, as text. */
export async function temperatureIn(city: string): Promise<string> {
  await new Promise((resolve) => {
    setTimeout(resolve, 20)
  })
  return `${city === 'Rome' ? 24 : 7} degrees`
}

/** The difference of two numbers, such as `24 - 7`. */
export function calculate(expression: string): string {
  const [left, right] = expression.split('-').map(Number)
  return String((left ?? Number.NaN) - (right ?? Number.NaN))
}
