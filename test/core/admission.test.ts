// The budget of bytes in flight.

import { createAdmission } from '../../src/core/admission.ts'

test('refuses at once what does not fit, and takes it again when there is room', () => {
  const admission = createAdmission(100)
  const first = admission.admit(80)
  expect(() => admission.admit(21)).toThrow('Too many bytes are in flight')
  first.release()
  expect(admission.bytesHeld()).toBe(0)
  admission.admit(100)
  expect(admission.bytesHeld()).toBe(100)
})

test('a body without a length takes from the budget as it grows', () => {
  const admission = createAdmission(100)
  const lease = admission.admit(10)
  lease.grow(60)
  expect(admission.bytesHeld()).toBe(70)
  expect(() => lease.grow(31)).toThrow('Too many bytes are in flight')
  lease.release()
  lease.release()
  expect(admission.bytesHeld()).toBe(0)
})

test('what outlives its calls counts', () => {
  let elsewhere = 90
  const admission = createAdmission(100, () => elsewhere)
  expect(() => admission.admit(20)).toThrow()
  elsewhere = 0
  admission.admit(20)
  expect(admission.bytesHeld()).toBe(20)
})

test('what is given back early may be taken by others', () => {
  const admission = createAdmission(100)
  const lease = admission.admit(80)
  lease.shrinkTo(90)
  expect(admission.bytesHeld()).toBe(80)
  lease.shrinkTo(30)
  lease.shrinkTo(50)
  expect(admission.bytesHeld()).toBe(30)
  lease.release()
  expect(admission.bytesHeld()).toBe(0)
})

test('what grows after its client has left is held by nobody', () => {
  const admission = createAdmission(100)
  const lease = admission.admit(80)
  lease.release()
  lease.grow(50)
  expect(admission.bytesHeld()).toBe(0)
})
