/** Thrown when a budget of operations is spent. Who spent it decides what that means: see the blame rule of `Verdict`. */
export class OutOfFuel extends Error {
  constructor(budget: number) {
    super(`over the limit of ${budget} operations`);
    this.name = 'OutOfFuel';
  }
}

/**
 * A budget counted in operations, never in time, so that no verdict depends on how busy the machine is. One fuel for the
 * candidate's text and one for the reference keeps the blame apart.
 */
export class Fuel {
  readonly budget: number;
  #left: number;

  constructor(budget: number) {
    this.budget = budget;
    this.#left = budget;
  }

  /** Spends `amount` operations, or throws `OutOfFuel`. */
  burn(amount = 1): void {
    this.#left -= amount;
    if (this.#left < 0) throw new OutOfFuel(this.budget);
  }

  get left(): number {
    return Math.max(0, this.#left);
  }
}
