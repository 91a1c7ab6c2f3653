// What oxlint cannot see: rules that need types are left to tsc (strict), the repository's own to tools/tidy.
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/gen/**', '**/node_modules/**', 'libs/mtproto/wasm/**', 'libs/mtproto/src/wasm/**', '**/coverage/**'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', prefer: 'type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-require-imports': 'error',
      '@typescript-eslint/no-namespace': 'error',
      '@typescript-eslint/naming-convention': ['error', { selector: 'typeLike', format: ['PascalCase'] }],
    },
  },
  {
    files: ['**/*.{ts,mjs}'],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-throw-literal': 'error',
      'no-console': 'off',
    },
  },
  {
    // A constraint over three type parameters that infers them: `unknown` does not.
    files: ['libs/storage/src/table.ts'],
    rules: { '@typescript-eslint/no-explicit-any': 'off' },
  },
);
