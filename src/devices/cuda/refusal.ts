// The error of a GPU's thread that is meant for the user: its sentence crosses to main and becomes a DeviceError there.

export class Refusal extends Error {
  constructor(sentence: string, cause?: Error) { super(sentence, { cause }) }
}
