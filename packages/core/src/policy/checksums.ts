/** Whether digits pass the check of payment cards (Luhn). What is no digit is passed over. */
export function passesLuhn(text: string): boolean {
  let sum = 0
  let isDoubled = false
  for (let index = text.length - 1; index >= 0; index -= 1) {
    const digit = text.charCodeAt(index) - 0x30
    if (digit >= 0 && digit <= 9) {
      const value = isDoubled ? digit * 2 : digit
      sum += value > 9 ? value - 9 : value
      isDoubled = !isDoubled
    }
  }
  return sum % 10 === 0
}

/** Whether an IBAN passes its check (ISO 7064, mod 97). What is neither letter nor digit is passed over. */
export function passesMod97(iban: string): boolean {
  const head = { rest: 0, scale: 1 }
  let rest = 0
  let count = 0
  for (let index = 0; index < iban.length; index += 1) {
    const unit = iban.charCodeAt(index)
    const value = unit <= 0x39 ? unit - 0x30 : (unit | 0x20) - 0x57
    if (value >= 0) {
      count += 1
      const scale = value > 9 ? 100 : 10
      // The first four stand at the end of what is checked.
      if (count <= 4) {
        head.rest = head.rest * scale + value
        head.scale *= scale
      } else {
        rest = (rest * scale + value) % 97
      }
    }
  }
  return (rest * (head.scale % 97) + head.rest) % 97 === 1
}

const ABA_WEIGHTS = [3, 7, 1]

/** Whether nine digits pass the check of American routing numbers, and begin as those do. */
export function passesAba(digits: string): boolean {
  const prefix = Number(digits.slice(0, 2))
  const isIssued =
    prefix <= 12 ||
    (prefix >= 21 && prefix <= 32) ||
    (prefix >= 61 && prefix <= 72) ||
    prefix === 80
  let sum = 0
  for (let index = 0; index < digits.length; index += 1) {
    sum += (digits.charCodeAt(index) - 0x30) * (ABA_WEIGHTS[index % 3] ?? 0)
  }
  return isIssued && sum > 0 && sum % 10 === 0
}
