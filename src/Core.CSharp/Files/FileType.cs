using System.Runtime.InteropServices;
using System.Text;

namespace TypedPooling.Files;

/// <summary>What stands at a path: .NET does not tell devices, pipes and sockets from files, and whoever may rename in
/// their folder would put a file in their place.</summary>
internal static class FileType
{
    // From statx(2): the folder that paths begin at, what is asked for, and where the answer holds the mode.
    private const int CurrentFolder = -100;
    private const uint AskType = 1;
    private const int ModeAt = 28;
    private const int AnswerLength = 256;
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>Whether something that is no file and no folder stands there: a device, a pipe or a socket. On Linux; false elsewhere.</summary>
    /// <param name="path">The path; links are followed.</param>
    public static bool IsSpecial(string path)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(path))
            return false;
        var answer = new byte[AnswerLength];
        try
        {
            if (StatX(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), 0, AskType, answer) != 0)
                return false;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library older than the call.
            return false;
        }

        return (BitConverter.ToUInt16(answer, ModeAt) & TypeMask) != Regular;
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, byte[] answer);
}
