import { backtestInPython } from './evaluate/python-side.ts';
console.log(backtestInPython('/tmp/ev/prices.csv.gz', '/tmp/ev/boosted.pkl'));
console.log(process.resourceUsage());
