import { defineConfigWithVueTs, vueTsConfigs } from '@vue/eslint-config-typescript'
import pluginVue from 'eslint-plugin-vue'
import a11y from 'eslint-plugin-vuejs-accessibility'

export default defineConfigWithVueTs(
  { ignores: ['dist/', 'dev/', 'components.d.ts', 'src/api/schema.d.ts'] },
  pluginVue.configs['flat/recommended'],
  a11y.configs['flat/recommended'],
  vueTsConfigs.recommended,
  {
    rules: {
      // Prettier decides how it is set.
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/require-default-prop': 'off',
      // Text of people is shown as text; a page that renders HTML of theirs would run their script.
      'vue/no-v-html': 'error',
      'vue/no-v-text-v-html-on-component': 'error',
      // A label may stand around its control or name it by id.
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
      // Focus is moved on purpose, in dialogs only.
      'vuejs-accessibility/no-autofocus': 'off',
    },
  },
  {
    files: ['e2e/**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        document: 'readonly',
        window: 'readonly',
      },
    },
  },
)
