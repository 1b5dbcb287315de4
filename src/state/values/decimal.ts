/** Numbers of JSON as decimals: exactly what is written, however large, long or small. */

/** `digits` times ten to the power of `power`. */
export interface Decimal {
  readonly isNegative: boolean;
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  readonly power: bigint;
}

const decimal = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const zero: Decimal = { isNegative: false, digits: '', power: 0n };

/** The decimal of a number in JSON text. */
export function decimalOf(text: string): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = decimal.exec(text) ?? [];
  const digits = whole + fraction;
  let [start, end] = [0, digits.length];
  while (start < end && digits[start] === '0') start += 1;
  while (start < end && digits[end - 1] === '0') end -= 1;
  if (start === end) return zero;
  const power = BigInt(exponent) + BigInt(whole.length - end);
  return { isNegative: sign === '-', digits: digits.slice(start, end), power };
}

/** Its one text: `-1.50` and `-15e-1` as `-15e-1`. */
export function textOfDecimal({ isNegative, digits, power }: Decimal): string {
  return digits === '' ? '0' : `${isNegative ? '-' : ''}${digits}e${power}`;
}

export function isInteger({ power }: Decimal): boolean {
  return power >= 0n;
}

/** Less than zero where `a` is less than `b`, zero where they are equal. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const [sign, other] = [signOf(a), signOf(b)];
  if (sign !== other || sign === 0) return sign - other;
  const [length, otherLength] = [a.power + BigInt(a.digits.length), b.power + BigInt(b.digits.length)];
  if (length !== otherLength) return length < otherLength ? -sign : sign;
  // Digits behind the same point are in the order of their texts.
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -sign : sign;
}

function signOf({ isNegative, digits }: Decimal): number {
  if (digits === '') return 0;
  return isNegative ? -1 : 1;
}

/** Whether `a` is an integer times `of`, which is not zero. Takes the square of the length of their texts. */
export function isMultiple(a: Decimal, of: Decimal): boolean {
  if (a.digits === '') return true;
  // Its digits do not end with zero, so what is finer than `of` is no multiple.
  if (a.power < of.power) return false;
  const modulus = BigInt(of.digits);
  return (BigInt(a.digits) * powerOfTen(a.power - of.power, modulus)) % modulus === 0n;
}

/** Ten to the power of `exponent`, modulo `modulus`: what it is in full may have no room anywhere. */
function powerOfTen(exponent: bigint, modulus: bigint): bigint {
  let [result, factor] = [1n, 10n % modulus];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * factor) % modulus;
    factor = (factor * factor) % modulus;
  }
  return result;
}
