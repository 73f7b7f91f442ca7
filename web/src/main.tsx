import { render } from 'preact';
import { App } from './app.tsx';
import './base.css';
import './controls.css';
import './chart/chart.css';
import './pages/shared.css';
import './pages/runs.css';
import './pages/run.css';
import './samples/samples.css';
import './compare/compare.css';
import './audit/audit.css';
import './narrow.css';

render(<App />, document.getElementById('app')!);
