using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>A PostgreSQL server of our own: a new cluster in a temporary folder, on a free loopback port, stopped and removed at the end.</summary>
/// <remarks>A shell watches the server. It stops the server and removes the folder when its input ends, and that also happens when this process is
/// killed. PostgreSQL refuses to run as root; then all of it runs as the user postgres.</remarks>
internal sealed class PostgresServer : IDisposable
{
    // Another process may take the port between our look and the server's start.
    private const int Attempts = 5;

    private const string User = "postgres";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // Arguments: folder of the programs, port, settings. Input: the password, then nothing until the end.
    private const string Script =
        """
        trap : INT TERM HUP
        umask 077
        read -r password
        home=$(mktemp -d "${TMPDIR:-/tmp}/typedpooling-postgres.XXXXXXXX") || exit 1
        printf '%s\n' "$password" >"$home/password"
        if "$1/initdb" --pgdata="$home/data" --username=postgres --pwfile="$home/password" --auth=scram-sha-256 --encoding=UTF8 --locale=C \
                --no-sync >"$home/log" 2>&1 &&
            "$1/pg_ctl" start --wait --silent --pgdata="$home/data" --log="$home/log" \
                --options="-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off $3" >>"$home/log" 2>&1
        then
            echo "$home"
        else
            echo failed
            cat "$home/log"
        fi
        cat >/dev/null
        "$1/pg_ctl" stop --mode=immediate --silent --pgdata="$home/data" >/dev/null 2>&1
        rm -rf "$home"
        """;

    private readonly Process watcher;

    private PostgresServer(Process watcher, int port, string password, string folder)
    {
        this.watcher = watcher;
        Port = port;
        Password = password;
        Folder = folder;
    }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The password of the user postgres, random.</summary>
    public string Password { get; }

    /// <summary>The temporary folder.</summary>
    public string Folder { get; }

    /// <summary>The connection string of the superuser postgres and the database postgres.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = User,
        Password = Password,
        Database = "postgres",
        Timeout = 30,
        CommandTimeout = 0,
    }.ConnectionString;

    /// <summary>Makes a cluster and starts its server.</summary>
    /// <param name="settings">Options of the program postgres, such as <c>-c work_mem=64MB</c>.</param>
    /// <returns>The server, which takes connections.</returns>
    /// <exception cref="InvalidOperationException">It could not be started; the message has its log.</exception>
    public static PostgresServer Start(string settings = "")
    {
        if (PostgresBinaries.Missing is { } reason)
            throw new InvalidOperationException(reason);
        var log = string.Empty;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = FreePort();
            var password = RandomNumberGenerator.GetHexString(32);
            var process = Process.Start(Command(port, settings))!;
            process.StandardInput.WriteLine(password);
            process.StandardInput.Flush();
            var answer = process.StandardOutput.ReadLine() ?? "failed";
            if (answer != "failed")
                return new(process, port, password, answer);
            process.StandardInput.Close();
            log = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            process.Dispose();
            if (!log.Contains("could not bind", StringComparison.Ordinal))
                break;
        }

        throw new InvalidOperationException($"PostgreSQL did not start:{Environment.NewLine}{log}");
    }

    /// <summary>Runs statements as the superuser.</summary>
    public void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        NpgsqlConnection.ClearAllPools();
        watcher.StandardInput.Close();
        if (!watcher.WaitForExit(Patience))
            watcher.Kill(entireProcessTree: true);
        watcher.Dispose();
    }

    private static ProcessStartInfo Command(int port, string settings)
    {
        string[] shell = ["sh", "-c", Script, "sh", PostgresBinaries.Folder!, port.ToString(System.Globalization.CultureInfo.InvariantCulture), settings];
        string[] command = Environment.IsPrivilegedProcess ? ["runuser", "-u", User, "--", .. shell] : shell;
        return new(command[0], command[1..])
        {
            // A folder that every user may enter.
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
