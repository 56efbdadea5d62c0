namespace TypedPooling.FSharp

open System
open System.Linq.Expressions

/// Selectors of options as selectors of what the library reads: a nullable number, or an object that may be null. The library prints both as the
/// option itself, so that a column has the name that it has in the row.
type internal Selectors =

    static member private Tree<'A, 'B>(tree: Expression<Func<'A, 'B>>) = (tree.Body :?> MethodCallExpression).Method

    /// A selector of an option of a number as one of a nullable number: None is null.
    static member Nullable(selector: Expression<Func<'Row, 'Value option>>) : Expression<Func<'Row, Nullable<'Value>>> =
        ArgumentNullException.ThrowIfNull selector
        let toNullable = Selectors.Tree(fun (option: 'Value option) -> Option.toNullable option)
        Expression.Lambda<Func<'Row, Nullable<'Value>>>(Expression.Call(toNullable, selector.Body), selector.Parameters)

    /// A selector of an option of an object as one of the object: None is null.
    static member Object(selector: Expression<Func<'Row, 'Value option>>) : Expression<Func<'Row, 'Value>> =
        ArgumentNullException.ThrowIfNull selector
        let toObj = Selectors.Tree(fun (option: 'Value option) -> Option.toObj option)
        Expression.Lambda<Func<'Row, 'Value>>(Expression.Call(toObj, selector.Body), selector.Parameters)
