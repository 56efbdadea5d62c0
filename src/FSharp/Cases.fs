namespace TypedPooling.FSharp

open System
open System.Linq.Expressions
open Microsoft.FSharp.Reflection
open TypedPooling

/// The cases of a union without fields, in the order of their declaration.
module internal Cases =

    let private refuse sentence remedy (term: string | null) =
        raise (ModelException(Problem(ProblemCode.UnsupportedType, sentence, remedy, Term = term)))

    /// All values of a union; refused where a case has a field, or the type is no union.
    let all<'Union when 'Union: not struct and 'Union: not null> (term: string | null) : 'Union[] =
        let union = typeof<'Union>

        if not (FSharpType.IsUnion(union, true)) then
            refuse
                $"A category of type {union.Name} has no levels that are known beforehand."
                "Categories are unions without fields, enums and text: match the value to one of these."
                term

        let cases = FSharpType.GetUnionCases(union, true)

        match [ for case in cases do if case.GetFields().Length > 0 then case.Name ] with
        | [] -> [| for case in cases -> unbox<'Union> (FSharpValue.MakeUnion(case, [||], true)) |]
        | withFields ->
            let names = String.Join(", ", withFields)
            refuse
                $"The union {union.Name} has cases with fields ({names}), so its values are not a fixed list of levels."
                "Match it to a union without fields or to text, or let its values be the levels of a grouping factor: Group.By(fun r -> r.X)."
                term

    /// Declares a category of a union.
    let declare (model: PooledModel<'Row, 'Self>) (category: Expression<Func<'Row, 'Union>>) prior reference (name: string option) : 'Self =
        let term: string | null =
            match name, category.Body with
            | Some given, _ -> given
            | None, (:? MemberExpression as field) -> field.Member.Name
            | _ -> null

        model.Categorical(category, all<'Union> term, Option.toObj prior, Option.toObj reference, Option.toObj name)
