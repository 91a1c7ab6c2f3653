// placeholder until rules land
export function checkCompat() { return { text: 'export {};\n' }; }
