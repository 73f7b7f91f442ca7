import { render } from 'preact';
import { App } from './app.tsx';
import './base.css';
import './chart/chart.css';
import './pages/pages.css';

render(<App />, document.getElementById('app')!);
