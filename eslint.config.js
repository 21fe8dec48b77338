import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const noModuleMocks = {
  selector: "CallExpression[callee.object.name='vi'][callee.property.name=/^(mock|doMock)$/]",
  message: "Pass a fake through the port instead of mocking a module.",
};
const noDefaultExport = {
  selector: "ExportDefaultDeclaration",
  message: "Named exports only: a name should be the same everywhere.",
};

/** Names that make a function depend on when and where it runs. */
const ambient = ["process", "Date", "setTimeout", "setInterval", "fetch", "console"].map((name) => ({
  name,
  message: "The pure core takes time, input and output as values.",
}));

export default tseslint.config(
  { ignores: ["dist", "node_modules", "coverage"] },
  {
    files: ["src/**/*.{ts,tsx}", "test/**/*.{ts,tsx}"],
    extends: [js.configs.recommended, ...tseslint.configs.strictTypeChecked],
    plugins: { "react-hooks": hooks },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-console": "error",
      "no-restricted-syntax": ["error", noModuleMocks, noDefaultExport],
      complexity: ["error", 12],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      "max-lines": ["error", { max: 250 }],
      "max-lines-per-function": ["error", { max: 40, skipComments: true, skipBlankLines: true }],
      "max-params": ["error", { max: 4 }],
    },
  },
  {
    files: [
      "src/data/mesh/**",
      "src/actions/changes/**",
      "src/ui/views/**",
      "src/ui/graph/**",
      "src/ui/state/**",
    ],
    rules: {
      "no-restricted-globals": ["error", ...ambient],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "The pure core takes randomness as a value." },
      ],
    },
  },
  {
    files: ["test/**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/explicit-module-boundary-types": "off",
    },
  },
  {
    files: ["vitest.config.ts", "eslint.config.js"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["scripts/**/*.mjs", "bin/**", ".dependency-cruiser.mjs", "*.js"],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: { process: "readonly", URL: "readonly", console: "readonly", setTimeout: "readonly" },
    },
  },
);
