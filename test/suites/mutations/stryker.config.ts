/** How StrykerJS mutates and judges. What is mutated is chosen by run.ts and handed over by judge.ts. */
export default {
  plugins: ['@stryker-mutator/vitest-runner', './test/suites/mutations/ignore-messages.ts'],
  ignorers: ['messages'],
  testRunner: 'vitest',
  vitest: { configFile: 'test/suites/mutations/vitest.config.ts' },
  coverageAnalysis: 'perTest',
  // Constants at the top of a file are logic too: they are judged, by all tests that import the file.
  ignoreStatic: false,
  warnings: { slow: false },
  // Only what a test can import is copied into the sandbox. No tsconfig.json: Stryker would rewrite it with an
  // API that TypeScript 7 no longer has, and Vitest strips the types without it.
  ignorePatterns: ['/*', '!/functions', '!/test', '!/cli', '!/local', '!/package.json', '!/vitest.config.ts'],
  disableTypeChecks: false,
  // judge.ts tells a file without tests from one without mutants.
  allowEmpty: true,
  tempDirName: '.cache/mutations/sandboxes',
  cleanTempDir: 'always',
  htmlReporter: { fileName: '.cache/mutations/report.html' },
  logLevel: 'warn',
  allowConsoleColors: false,
};
