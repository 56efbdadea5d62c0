module TypedPooling.PropertyTests.Replay

open FsCheck
open FsCheck.FSharp

/// Checks a law on random cases. The seed decides the cases, so every run sees the same ones; a failure shows the case after shrinking.
let check seed count (cases: Arbitrary<'T>) (law: 'T -> unit) =
    let config =
        Config.QuickThrowOnFailure
            .WithReplay(Some { Rnd = Rnd seed; Size = None })
            .WithMaxTest(count)
            .WithQuietOnSuccess
            true

    Check.One(config, Prop.forAll cases law)

/// Fails unless two numbers are within a tolerance of each other. NaN is near nothing.
let near (what: string) tolerance (expected: float) (actual: float) =
    let apart = abs (expected - actual)

    if not (apart <= tolerance) then
        failwith $"{what}: expected {expected:R} and got {actual:R}, {apart:G3} apart where {tolerance:G3} is allowed."

/// Fails unless a statement holds.
let holds (what: string) statement =
    if not statement then
        failwith $"Not so: {what}."
