using Microsoft.ML.Probabilistic;
using Microsoft.ML.Probabilistic.Algorithms;
using Microsoft.ML.Probabilistic.Compiler;
using Microsoft.ML.Probabilistic.Distributions;
using Microsoft.ML.Probabilistic.Math;
using Microsoft.ML.Probabilistic.Models;
using Microsoft.ML.Probabilistic.Models.Attributes;
using Range = Microsoft.ML.Probabilistic.Models.Range;

namespace TypedPooling.Inference.InferNet;

/// <summary>One compiled algorithm for each shape of graph, for the life of the process. Thread-safe: compilation takes turns, every run has an
/// instance of its own.</summary>
internal static class CompiledGraphs
{
    private static readonly Lock Turn = new();
    private static readonly Dictionary<GraphShape, Type> Compiled = [];

    /// <summary>How many shapes have been compiled.</summary>
    public static int Count
    {
        get
        {
            lock (Turn)
                return Compiled.Count;
        }
    }

    /// <summary>A new instance of the algorithm for a shape; compiled where it is the first.</summary>
    public static IGeneratedAlgorithm NewInstance(GraphShape shape)
    {
        Type? type;
        lock (Turn)
        {
            if (!Compiled.TryGetValue(shape, out type))
                Compiled.Add(shape, type = Compile(shape));
        }

        return (IGeneratedAlgorithm)Activator.CreateInstance(type)!;
    }

    private static Type Compile(GraphShape shape)
    {
        var inferred = new List<IVariable>();
        Variable<double>? noise = shape.Noise switch
        {
            GraphShape.KnownNoise => Observed(GraphNames.Noise, 1.0),
            GraphShape.EstimatedNoise => Scalar<Gamma>(GraphNames.Noise),
            _ => null,
        };
        if (noise is not null && shape.Noise == GraphShape.EstimatedNoise)
            inferred.Add(noise);

        Variable<Vector>? beta = null;
        if (shape.Rest > 0)
        {
            beta = Vectorial(GraphNames.Beta, shape.Rest);
            inferred.Add(beta);
        }

        if (shape.Blocks.Length > 0 || noise is null)
            AddRows(shape, noise, beta, inferred);
        if (beta is not null && noise is not null)
        {
            var (row, population) = Rows(GraphNames.PooledCount, GraphNames.PooledPopulation, shape.Rest);
            var responses = Variable.Array<double>(row).Named(GraphNames.PooledResponses);
            using (Variable.ForEach(row))
                responses[row] = Variable.GaussianFromMeanAndPrecision(Variable.InnerProduct(beta, population[row]), noise);
            responses.ObservedValue = [0];
        }

        IAlgorithm algorithm = shape.Algorithm == InferNetAlgorithm.VariationalMessagePassing
            ? new VariationalMessagePassing()
            : new ExpectationPropagation();
        var engine = new InferenceEngine(algorithm) { ShowProgress = false, ShowWarnings = false, ShowTimings = false, ModelName = "Hierarchy" };
        engine.Compiler.WriteSourceFiles = false;
        engine.Compiler.GenerateInMemory = true;
        engine.Compiler.ShowProgress = false;
        engine.Compiler.ShowWarnings = false;
        engine.Compiler.ReturnCopies = true;
        return engine.GetCompiledInferenceAlgorithm([.. inferred]).GetType();
    }

    private static void AddRows(GraphShape shape, Variable<double>? noise, Variable<Vector>? beta, List<IVariable> inferred)
    {
        var (row, population) = Rows(GraphNames.RowCount, GraphNames.Population, Math.Max(1, shape.Rest));
        var parts = new List<Func<Variable<double>>>();
        if (beta is not null)
            parts.Add(() => Variable.InnerProduct(beta, population[row]));
        var blocks = shape.Blocks.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var k = 0; k < blocks.Length; k++)
        {
            var level = new Range(Observed(GraphNames.LevelCount(k), 1)).Named($"level{k}");
            var levels = Variable.Array<int>(row).Named(GraphNames.Levels(k));
            levels.SetValueRange(level);
            levels.ObservedValue = [0];
            var isCentred = blocks[k][^1] == 'm';
            var size = int.Parse(blocks[k].Trim('m')[1..], System.Globalization.CultureInfo.InvariantCulture);
            if (blocks[k][0] == nameof(PrecisionKind.Wishart)[0])
                AddVectors(k, size, isCentred);
            else
                AddScalars(k, isCentred, blocks[k][0] == nameof(PrecisionKind.Known)[0]);

            void AddVectors(int k, int q, bool isCentred)
            {
                var mean = isCentred ? Vectorial(GraphNames.Mean(k), q) : Observed(GraphNames.Mean(k), Vector.Zero(q));
                var prior = Observed(GraphNames.Prior(GraphNames.Precision(k)), new Wishart(q));
                var precision = Variable.Random<PositiveDefiniteMatrix, Wishart>(prior).Named(GraphNames.Precision(k));
                precision.AddAttribute(new MarginalPrototype(new Wishart(q)));
                precision.InitialiseTo(Observed(GraphNames.Start(GraphNames.Precision(k)), new Wishart(q)));
                var coefficients = Variable.Array<Vector>(level).Named(GraphNames.Coefficients(k));
                coefficients[level] = Variable.VectorGaussianFromMeanAndPrecision(mean, precision).ForEach(level);
                coefficients.AddAttribute(new MarginalPrototype(new VectorGaussian(q)));
                coefficients.InitialiseTo(
                    Observed(
                        GraphNames.Start(GraphNames.Coefficients(k)),
                        new DistributionRefArray<VectorGaussian, Vector>(1, _ => new VectorGaussian(q))));
                var own = Variable.GetItems(coefficients, levels).Named($"own{k}");
                var columns = Variable.Array<Vector>(row).Named(GraphNames.Columns(k));
                columns.ObservedValue = [Vector.Zero(q)];
                parts.Add(() => Variable.InnerProduct(own[row], columns[row]));
                if (isCentred)
                    inferred.Add(mean);
                inferred.Add(precision);
                inferred.Add(coefficients);
            }

            void AddScalars(int k, bool isCentred, bool isKnown)
            {
                var mean = isCentred ? Scalar<Gaussian>(GraphNames.Mean(k)) : Observed(GraphNames.Mean(k), 0.0);
                var precision = isKnown ? Observed(GraphNames.Precision(k), 1.0) : Scalar<Gamma>(GraphNames.Precision(k));
                var coefficients = Variable.Array<double>(level).Named(GraphNames.Coefficients(k));
                coefficients[level] = Variable.GaussianFromMeanAndPrecision(mean, precision).ForEach(level);
                coefficients.InitialiseTo(Observed(GraphNames.Start(GraphNames.Coefficients(k)), new DistributionStructArray<Gaussian, double>(1)));
                var own = Variable.GetItems(coefficients, levels).Named($"own{k}");
                var columns = Variable.Array<double>(row).Named(GraphNames.Columns(k));
                columns.ObservedValue = [1];
                parts.Add(() => own[row] * columns[row]);
                if (isCentred)
                    inferred.Add(mean);
                if (!isKnown)
                    inferred.Add(precision);
                inferred.Add(coefficients);
            }
        }

        if (noise is null)
        {
            var cells = Variable.Array<BinomialCell>(row).Named(GraphNames.Responses);
            cells.ObservedValue = [default];
            var linear = Variable.Array<double>(row).Named(GraphNames.Linear);
            using (Variable.ForEach(row))
            {
                linear[row] = Sum();
                Variable.Constrain(BinomialFactor.Observe, linear[row], cells[row]);
            }

            // What the cells say, for draws of the levels: by expectation propagation it is known only here.
            if (shape.Algorithm == InferNetAlgorithm.ExpectationPropagation)
            {
                linear.AddAttribute(QueryTypes.MarginalDividedByPrior);
                inferred.Add(linear);
            }

            return;
        }

        var responses = Variable.Array<double>(row).Named(GraphNames.Responses);
        using (Variable.ForEach(row))
            responses[row] = Variable.GaussianFromMeanAndPrecision(Sum(), noise);
        responses.ObservedValue = [0]; // once it has its definition

        Variable<double> Sum()
        {
            var sum = parts[0]();
            foreach (var part in parts.Skip(1))
                sum += part();
            return sum;
        }
    }

    private static (Range Row, VariableArray<Vector> Population) Rows(string count, string population, int size)
    {
        var row = new Range(Observed(count, 1)).Named(count + "Range");
        var columns = Variable.Array<Vector>(row).Named(population);
        columns.ObservedValue = [Vector.Zero(size)];
        return (row, columns);
    }

    private static Variable<double> Scalar<TDistribution>(string name)
        where TDistribution : IDistribution<double>, new()
    {
        var variable = Variable.Random<double, TDistribution>(Observed(GraphNames.Prior(name), new TDistribution())).Named(name);
        variable.InitialiseTo(Observed(GraphNames.Start(name), new TDistribution()));
        return variable;
    }

    private static Variable<Vector> Vectorial(string name, int size)
    {
        var variable = Variable.Random<Vector, VectorGaussian>(Observed(GraphNames.Prior(name), new VectorGaussian(size))).Named(name);
        variable.AddAttribute(new MarginalPrototype(new VectorGaussian(size)));
        variable.InitialiseTo(Observed(GraphNames.Start(name), new VectorGaussian(size)));
        return variable;
    }

    // Infer.NET takes a variable for observed where it has a value when it is compiled; a run sets its own.
    private static Variable<T> Observed<T>(string name, T placeholder)
    {
        var variable = Variable.New<T>().Named(name);
        variable.ObservedValue = placeholder;
        return variable;
    }
}
