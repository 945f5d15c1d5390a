/** Second-order jet of a scalar function of p parameters: value, gradient and row-major Hessian, carried through arithmetic (forward mode). */
export class Jet {
  readonly value: number;
  readonly first: Float64Array;
  readonly second: Float64Array;

  constructor(value: number, first: Float64Array, second: Float64Array) {
    this.value = value;
    this.first = first;
    this.second = second;
  }

  /** The p parameters themselves. */
  static variables(theta: ArrayLike<number>): Jet[] {
    const p = theta.length;
    return Array.from({ length: p }, (_, i) => {
      const first = new Float64Array(p);
      first[i] = 1;
      return new Jet(theta[i], first, new Float64Array(p * p));
    });
  }

  /** g(this) from g, g' and g'' at the value. */
  map(value: number, slope: number, bend: number): Jet {
    const p = this.first.length;
    const { first } = this;
    const second = new Float64Array(p * p);
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < p; j++)
        second[i * p + j] = slope * this.second[i * p + j] + bend * first[i] * first[j];
    }
    return new Jet(
      value,
      first.map((d) => slope * d),
      second,
    );
  }

  plus(other: Jet | number): Jet {
    if (typeof other === "number") return new Jet(this.value + other, this.first, this.second);
    return new Jet(
      this.value + other.value,
      this.first.map((d, i) => d + other.first[i]),
      this.second.map((d, i) => d + other.second[i]),
    );
  }

  times(other: Jet | number): Jet {
    if (typeof other === "number") return this.map(this.value * other, other, 0);
    const p = this.first.length;
    const second = new Float64Array(p * p);
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < p; j++) {
        const at = i * p + j;
        second[at] =
          this.value * other.second[at] +
          other.value * this.second[at] +
          this.first[i] * other.first[j] +
          this.first[j] * other.first[i];
      }
    }
    return new Jet(
      this.value * other.value,
      this.first.map((d, i) => d * other.value + this.value * other.first[i]),
      second,
    );
  }

  minus(other: Jet | number): Jet {
    return this.plus(typeof other === "number" ? -other : other.times(-1));
  }

  reciprocal(): Jet {
    const inverse = 1 / this.value;
    return this.map(inverse, -inverse * inverse, 2 * inverse ** 3);
  }

  over(other: Jet | number): Jet {
    return typeof other === "number" ? this.times(1 / other) : this.times(other.reciprocal());
  }

  exp(): Jet {
    const e = Math.exp(this.value);
    return this.map(e, e, e);
  }

  log(): Jet {
    return this.map(Math.log(this.value), 1 / this.value, -1 / this.value ** 2);
  }

  sin(): Jet {
    const [s, c] = [Math.sin(this.value), Math.cos(this.value)];
    return this.map(s, c, -s);
  }

  cos(): Jet {
    const [s, c] = [Math.sin(this.value), Math.cos(this.value)];
    return this.map(c, -s, -c);
  }

  atan(): Jet {
    const scale = 1 / (1 + this.value ** 2);
    return this.map(Math.atan(this.value), scale, -2 * this.value * scale * scale);
  }

  square(): Jet {
    return this.times(this);
  }

  /** this^other for a positive base; `other` may be a jet or a number. */
  power(other: Jet | number): Jet {
    if (typeof other === "number") {
      const v = this.value;
      return this.map(v ** other, other * v ** (other - 1), other * (other - 1) * v ** (other - 2));
    }
    return this.log().times(other).exp();
  }
}
