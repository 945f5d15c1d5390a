/** A compiled WebAssembly module: it can be posted to workers. */
export interface KernelModule {
  readonly [Symbol.toStringTag]: string;
}

/** The part of the WebAssembly and base64 globals that the kernels need. Node and browsers both have them; no ambient types for either
 *  are loaded here, because this package must not know in which of the two it runs. */
interface Globals {
  readonly WebAssembly?: {
    validate(bytes: Uint8Array): boolean;
    readonly Module: new (bytes: Uint8Array) => KernelModule;
    readonly Memory: new (options: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
    readonly Instance: new (module: KernelModule, imports: object) => { readonly exports: object };
  };
  atob(text: string): string;
}

export const globals = globalThis as unknown as Globals;
