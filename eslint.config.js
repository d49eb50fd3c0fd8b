// Lint: typescript-eslint's strict, type-checked rules, on the sources and on the tests. Each exception below says why it is one.
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

export default defineConfig(
  { ignores: ['dist/', 'node_modules/', 'test/.environment/', 'test/output/', 'notebooks/', 'cuda/'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'test/**/*.js', 'vitest.config.ts', 'eslint.config.js'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['vitest.config.ts', 'eslint.config.js'] }, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // Numbers, bigints and booleans have one obvious text form; objects do not, and stay refused.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `() => resolve()` shorthands are clear; a void call as a value elsewhere stays refused.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `{}` is the public API's "nothing declared" default for ports, buffers and state.
      '@typescript-eslint/no-empty-object-type': ['error', { allowObjectTypes: 'always', allowInterfaces: 'with-single-extends' }],
      // Loops that end by return or break are how bounded waits are written here.
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      // An unused parameter kept for its position starts with an underscore.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' }],
    },
  },
  // Codecs and views are code generated for one layout: a walk over it costs fifty times as much. And compiled bodies become functions.
  { files: ['src/schema/{codec,columns,view}.ts', 'src/compiler/javascript/emit.ts'], rules: { '@typescript-eslint/no-implied-eval': 'off' } },
  // A schema of any fields or values: TypeScript has no other word for "some type argument".
  { files: ['src/schema/{types,scalars}.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  // The same for ring kernels; and the register of names that users fill by augmentation starts empty.
  { files: ['src/runtime/types.ts'], rules: {
    '@typescript-eslint/no-explicit-any': 'off', '@typescript-eslint/no-empty-object-type': 'off', '@typescript-eslint/no-redundant-type-constituents': 'off',
  } },
  // A body that gets at what capture refuses.
  { files: ['test/runtime/{connect,faults}.test.ts'], rules: { '@typescript-eslint/no-implied-eval': 'off', '@typescript-eslint/no-unsafe-call': 'off' } },
  // One generic answer for every method of the inspector, named by the caller; the checker's own test of equal types.
  { files: ['src/source/live-function.ts', 'test/schema/typed-schemas.ts'], rules: { '@typescript-eslint/no-unnecessary-type-parameters': 'off' } },
  // Node 20 has no registerHooks, which replaces it.
  { files: ['src/cli/compile/definitions.ts'], rules: { '@typescript-eslint/no-deprecated': 'off' } },
  // Bodies that reach for what they must not are what this test is about.
  { files: ['test/source/capture.test.ts'], rules: {
    '@typescript-eslint/no-unsafe-return': 'off', '@typescript-eslint/no-unsafe-call': 'off', '@typescript-eslint/no-unsafe-member-access': 'off', '@typescript-eslint/no-unnecessary-type-assertion': 'off',
  } },
  // Bodies of ring kernels as users write them: elements of arrays are there, and branded numbers are negated and passed on.
  { files: ['test/corpus/kernels/*.ts'], rules: {
    '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/no-unsafe-unary-minus': 'off', '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off', '@typescript-eslint/no-unsafe-argument': 'off',
  } },
  // Generated programs become functions; that is what they are for.
  { files: ['test/corpus/fuzz/program.ts', 'test/compiler/snippet.ts', 'test/compiler/catalogue.test.ts'], rules: { '@typescript-eslint/no-implied-eval': 'off' } },
  // A JSDoc cast is invisible to this rule: typescript-eslint drops the parentheses that carry it. `tsc -p test` checks these files.
  { files: ['test/**/*.js'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off' } },
)
