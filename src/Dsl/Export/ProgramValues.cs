using System.Collections.Immutable;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Export;

/// <summary>Rows and a model bound to them: what the data of a program are read from. Immutable.</summary>
/// <param name="Model">The bound model, every prior decided.</param>
/// <param name="Rows">The rows; levels numbered as in <paramref name="Model"/>, responses as they are.</param>
internal sealed record ProgramValues(BoundModel Model, RowDesign Rows)
{
    public ModelSpec Spec => Model.Spec;

    /// <summary>By what columns and response are standardised; null where they are not.</summary>
    public Standardization? Standardization => (Model as NormalBoundModel)?.Standardization;

    /// <summary>The columns of a categorical predictor, in the order of its levels.</summary>
    public int[] ColumnsOf(string category) => [.. Enumerable.Range(0, Spec.Columns.Length).Where(c => Spec.Columns[c].Category == category)];

    /// <summary>Values of columns, row after row.</summary>
    public double[] Values(int[] columns)
    {
        var width = Spec.Columns.Length;
        var values = new double[Rows.RowCount * columns.Length];
        for (var i = 0; i < Rows.RowCount; i++)
        {
            for (var c = 0; c < columns.Length; c++)
                values[i * columns.Length + c] = Rows.Matrix[i * width + columns[c]];
        }

        return values;
    }

    /// <summary>The level of each row, from 1.</summary>
    public double[] Levels(int factor)
    {
        var count = Spec.Factors.Length;
        return [.. Enumerable.Range(0, Rows.RowCount).Select(i => Rows.Levels[i * count + factor] + 1.0)];
    }

    /// <summary>The point at which the priors of a factor are stated. Length q.</summary>
    public double[] Origin(int factor)
    {
        var spec = Spec.Factors[factor];
        return [.. Enumerable.Range(0, spec.Terms.Length).Select(a => spec.IsStatedAtOrigin ? spec.OriginOf(a) : 0)];
    }

    /// <summary>An argument of the priors of the population effects of a column, or of all levels of a categorical predictor.</summary>
    public double[] PopulationArgument(int[] columns, int argument) =>
        [.. columns.Select(column => Spec.Population.Single(term => term.Column == column).Prior!.Form.Arguments[argument].Value)];

    public double[] SdArgument(int factor, int term, int argument) => [Spec.Factors[factor].Terms[term].Sd!.Form.Arguments[argument].Value];

    public double[] SigmaArgument(int argument) => [Spec.Response.Sigma!.Form.Arguments[argument].Value];

    public double[] Origins(int[] columns) => [.. columns.Select(column => Standardization!.Origins[column])];

    public double[] Scales(int[] columns) => [.. columns.Select(column => Standardization!.Scales[column])];
}
