export { type CountdownTasksOptions, countdownPrompt, countdownTasks } from './countdown.ts';
export { type Fault, type InjectErrorsOptions, injectErrors, type WithErrors } from './inject-errors.ts';
export { instructionTasks, tinyInstructionTasks, tinyMarks } from './instructions.ts';
export { arithmeticTasks, reversingTasks, sortingTasks } from './strings.ts';
