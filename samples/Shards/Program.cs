using System.Globalization;
using System.Text;
using TypedPooling;
using TypedPooling.Samples.Shards;

Console.OutputEncoding = Encoding.UTF8;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

switch (args)
{
    case ["read", var csv, var file]:
        Shard.Read(csv, file);
        return 0;
    case ["merge", _, ..]:
        Console.WriteLine(Shard.Merge(args[1..]));
        return 0;
    case []:
        Demonstration.Run();
        return 0;
    default:
        Console.Error.WriteLine("Usage: Shards read <csv> <file of data> | Shards merge <file of data> ... | Shards (a demonstration)");
        return 2;
}
