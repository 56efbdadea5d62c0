using System.Net.Sockets;
using System.Text;
using TypedPooling.Draws;
using TypedPooling.Files;
using TypedPooling.Responses;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Files;

/// <summary>Files that are not what a model can load, and what is said of them.</summary>
public sealed class FileRefusalTests
{
    private static readonly Item[] Rows = Item.Rows(120, sites: 4);

    private static NormalModel<Item> Model => PooledModel.Of<Item>().Normal(i => i.Y, sigma: Exponential(1)).Intercept(Normal(20, 5))
        .Slope(i => i.Weight, Normal(0, 1)).Varying(Item.BySite, g => g.Intercept(Exponential(1)));

    /// <summary>Models that differ from that of the file in one thing, and what the refusal must say.</summary>
    public static TheoryData<string, Func<Stream, object>, string> OtherData => new()
    {
        { "response", stream => Builder.Normal(i => i.Positive).Intercept().Slope(i => i.Weight).Varying(Item.BySite, g => g.Intercept())
            .LoadData(stream), "the response is 'Y' in the file and 'Positive' in the model" },
        { "distribution", stream => Builder.LogNormal(i => i.Y).Intercept().Slope(i => i.Weight).Varying(Item.BySite, g => g.Intercept())
            .LoadData(stream), "the distribution is 'Normal' in the file and 'LogNormal' in the model" },
        { "column", stream => Builder.Normal(i => i.Y).Intercept().Slope(i => i.Weight - 1, name: "Weight").Varying(Item.BySite, g => g.Intercept())
            .LoadData(stream), "column 1 is 'Weight' in the file and 'Weight: Weight - 1' in the model" },
        { "another column", stream => Builder.Normal(i => i.Y).Intercept().Slope(i => i.Weight).Slope(i => i.Share)
            .Varying(Item.BySite, g => g.Intercept()).LoadData(stream), "the model has column 2 'Share' and the file has none" },
        { "key", stream => Builder.Normal(i => i.Y).Intercept().Slope(i => i.Weight).Varying(Item.ByLine, g => g.Intercept())
            .LoadData(stream), "the kind of keys of factor 1 is 'text' in the file and 'whole number' in the model" },
        { "no key", stream => Builder.Normal(i => i.Y).Intercept().Slope(i => i.Weight).LoadData(stream),
            "the file has factor 1 'Site' and the model has none" },
        { "weights", stream => Model.PrecisionWeight(i => i.Weight).LoadData(stream),
            "the meaning of weights is 'None' in the file and 'Precision' in the model" },
        { "missing values", stream => Model.DropRowsWithMissingValues().LoadData(stream),
            "what is done with rows of missing values is 'refused' in the file and 'dropped' in the model" },
    };

    /// <summary>Models whose data would do, but whose fits are others.</summary>
    public static TheoryData<string, Func<Stream, object>, string> OtherFits => new()
    {
        { "prior of a slope", stream => Builder.Normal(i => i.Y, sigma: Exponential(1)).Intercept(Normal(20, 5)).Slope(i => i.Weight, Normal(0, 2))
            .Varying(Item.BySite, g => g.Intercept(Exponential(1))).LoadFit(stream),
            "the prior of Weight is 'Normal(0, 1)' in the file and 'Normal(0, 2)' in the model" },
        { "prior of sigma", stream => Builder.Normal(i => i.Y, sigma: HalfNormal(1)).Intercept(Normal(20, 5)).Slope(i => i.Weight, Normal(0, 1))
            .Varying(Item.BySite, g => g.Intercept(Exponential(1))).LoadFit(stream),
            "the prior of sigma is 'Exponential(1)' in the file and 'HalfNormal(1)' in the model" },
        { "what varies", stream => Builder.Normal(i => i.Y, sigma: Exponential(1)).Intercept(Normal(20, 5)).Slope(i => i.Weight, Normal(0, 1))
            .Varying(Item.BySite, g => g.Intercept(Exponential(1)).Slope(i => i.Weight)).LoadFit(stream),
            "the model has the prior of sd(Site: Weight)" },
        { "standardised", stream => Model.Standardized().LoadFit(stream),
            "the scale of the priors is 'original' in the file and 'standardised' in the model" },
    };

    private static ModelBuilder<Item> Builder => PooledModel.Of<Item>();

    [Theory]
    [MemberData(nameof(OtherData))]
    public void Data_of_another_model_are_refused_with_what_differs(string what, Func<Stream, object> load, string sentence)
    {
        var bytes = StoredData.Bytes(Model.Read(Rows));

        var refusal = Assert.Throws<ModelException>(() => load(new MemoryStream(bytes)));

        Assert.True(refusal.Code == ProblemCode.FileOfAnotherModel, what);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OtherFits))]
    public void A_fit_of_another_model_is_refused_with_what_differs(string what, Func<Stream, object> load, string sentence)
    {
        var bytes = StoredFit.Bytes(Model.Fit(Rows, new() { Chains = 1, Draws = 20 }));

        var refusal = Assert.Throws<ModelException>(() => load(new MemoryStream(bytes)));

        Assert.True(refusal.Code == ProblemCode.FileOfAnotherModel, what);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_an_enumeration_no_longer_has_is_named_and_not_called_damage()
    {
        var bytes = StoredData.Bytes(Builder.Normal(i => i.Y).Intercept()
            .Varying(Group.By((Item i) => i.Tone, "Tone"), g => g.Intercept()).Read(Rows));
        var renamed = PooledModel.Of<Other>().Normal(i => i.Y).Intercept().Varying(Group.By((Other i) => i.Tone, "Tone"), g => g.Intercept());

        var refusal = Assert.Throws<ModelException>(() => renamed.LoadData(new MemoryStream(bytes)));

        Assert.Equal((ProblemCode.FileOfAnotherModel, "Tone", "Middle"), (refusal.Code, refusal.Problems[0].Term, refusal.Problems[0].Level));
        Assert.Contains("level 'Middle'", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Middle", System.Text.Json.JsonSerializer.Serialize(refusal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_stays_one_and_a_file_keeps_its_rights()
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = Directory.CreateTempSubdirectory().FullName;
        var (target, link) = (Path.Combine(folder, "target"), Path.Combine(folder, "link"));
        Model.Read(Rows).Save(target);
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(link, target);
        var before = File.ReadAllBytes(target);

        Model.Read(Rows[..60]).Save(link);

        Assert.Equal(target, new FileInfo(link).LinkTarget);
        Assert.NotEqual(before, File.ReadAllBytes(target));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(target));
        Assert.Equal(2, Directory.GetFiles(folder).Length);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void What_is_no_file_is_not_replaced()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "socket");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        Assert.True(FileType.IsSpecial(path));
        Assert.True(FileType.IsSpecial("/dev/null"));
        Assert.False(FileType.IsSpecial(Environment.ProcessPath!));

        Assert.Contains("a socket", Assert.Throws<IOException>(() => Model.Read(Rows).Save(path)).Message, StringComparison.Ordinal);

        Assert.True(FileType.IsSpecial(path));
        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void Data_load_into_models_of_other_priors_and_links()
    {
        var wins = Builder.Bernoulli(i => i.Y > 21).Intercept().Varying(Item.BySite, g => g.Intercept());
        var probit = Builder.Bernoulli(i => i.Y > 21, Link.Probit).Intercept(Normal(0, 1)).Varying(Item.BySite, g => g.Intercept(HalfNormal(1)));

        Assert.Equal(120, probit.LoadData(new MemoryStream(StoredData.Bytes(wins.Read(Rows)))).RowCount);
    }

    [Fact]
    public void Foreign_and_cut_files_are_refused_with_the_reason()
    {
        var bytes = StoredData.Bytes(Model.Read(Rows));

        Assert.Contains("The file is empty", Said([]), StringComparison.Ordinal);
        Assert.Contains("no file of TypedPooling", Said(Encoding.UTF8.GetBytes("Site,Y\na,1\n")), StringComparison.Ordinal);
        Assert.Contains("ends too early", Said(bytes[..15]), StringComparison.Ordinal);
        Assert.Contains("it says that", Said(bytes[..^200]), StringComparison.Ordinal);
        Assert.Contains("checksum", Said(Changed(bytes, bytes.Length / 2)), StringComparison.Ordinal);
        Assert.Contains("version 2", Said(Set(bytes, 8, 2)), StringComparison.Ordinal);
        Assert.Contains("holds a fit, not data", Said(Set(bytes, 10, 2)), StringComparison.Ordinal);
        Assert.Contains("neither data nor a fit", Said(Set(bytes, 10, 9)), StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Model.LoadData(Path.Combine(Path.GetTempPath(), "no such file of data")));

        static string Said(byte[] bytes)
        {
            var refusal = Assert.Throws<ModelException>(() => Model.LoadData(new MemoryStream(bytes)));
            Assert.Equal(ProblemCode.FileDamaged, refusal.Code);
            Assert.NotEmpty(refusal.Problems[0].Remedy);
            return refusal.Message;
        }

        static byte[] Changed(byte[] bytes, int at) => Set(bytes, at, (byte)~bytes[at]);

        static byte[] Set(byte[] bytes, int at, byte value)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] = value;
            return changed;
        }
    }

    [Theory]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 5, (byte)'a', 0 })]
    [InlineData(new byte[] { 3, (byte)'a' })]
    [InlineData(new byte[] { 2, 0xFF })]
    public void A_text_that_no_writer_writes_is_damage(byte[] bytes)
    {
        var reader = new TypedPooling.Files.FileReader(new MemoryStream(bytes), bytes.Length);

        Assert.Equal(ProblemCode.FileDamaged, Assert.Throws<ModelException>(() => reader.Text()).Code);
    }

    [Theory]
    [InlineData("Nuts, StudentT")]
    [InlineData("Nuts, Beta crossed")]
    [InlineData("Nuts")]
    public void Scales_that_cannot_be_are_damage_before_anything_is_predicted_with_them(string name)
    {
        var one = StoredFit.All.Single(stored => stored.Name == name);
        var fit = one.Fit().Thin(8);
        var draws = new double[fit.Posterior.DrawCount];
        fit.Posterior.Scales.CopyDraws(0, draws);
        var bytes = StoredFit.Bytes(fit);
        bytes[bytes.AsSpan().IndexOf(BitConverter.GetBytes(draws[3])) + 7] ^= 0x80;

        var refusal = Assert.Throws<ModelException>(() => one.Loaded(Mutation.WithChecksum(bytes)));

        Assert.Contains("a scale is out of range", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fit_of_another_scheme_of_draws_says_so()
    {
        var bytes = StoredFit.Bytes(Model.Fit(Rows, new() { Chains = 1, Draws = 20 }));

        // The scheme is the text "1" behind which the engine's name stands: its length, then M.
        var engine = bytes.AsSpan().IndexOf("Marginal"u8) is var first && bytes.AsSpan(first + 1).IndexOf("\u0010Marginal"u8) is var next
            ? first + 1 + next
            : -1;
        Assert.Equal((byte)'1', bytes[engine - 1]);
        bytes[engine - 1] = (byte)'7';

        var note = Assert.Single(Model.LoadFit(new MemoryStream(Mutation.WithChecksum(bytes))).Notes);

        Assert.Equal(FitWarningCode.OtherDrawScheme, note.Code);
        Assert.Contains("scheme 7", note.Message, StringComparison.Ordinal);
    }

    private enum Pitch
    {
        Low,
        Mid,
        High,
    }

    private sealed record Other(Pitch Tone, double Y);
}
