// A module that bodies of the capture tests read from: functions that call each other, data, and what cannot leave its thread.
export const table = [1, 2, 3]
export const scale = (x: number): number => x * factor
let factor = 2
export function setFactor(value: number): void { factor = value }
export const even = (n: number): boolean => (n === 0 ? true : odd(n - 1))
export const odd = (n: number): boolean => (n === 0 ? false : even(n - 1))
export const operations = { add: (a: number, b: number) => a + b, constant: 4 }
export class Point { constructor(readonly x: number) {} double(): number { return this.x * 2 } }
