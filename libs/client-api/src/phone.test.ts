import { normalisePhone } from './phone';

test.each([
  ['+49 (30) 123-4567', '49301234567'],
  ['9996621234', '9996621234'],
  ['+1.202.555.0100', '12025550100'],
  ['+999123456789012', '999123456789012'],
  ['', undefined],
  ['+', undefined],
  ['abc', undefined],
  ['12345', undefined],
  ['+0491234567', undefined],
  ['1234567890123456', undefined],
  ['+49 30 1234567 ext 5', undefined],
  ['٤٩٣٠١٢٣٤٥٦٧', undefined],
])('%s → %s', (text, digits) => expect(normalisePhone(text)).toBe(digits));
