using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Ringfence.Sources;

namespace Ringfence.Tests.Journal;

/// <summary>This test program started a second time, as a process that appends to a journal and prints each number once Append has returned.</summary>
/// <remarks>A module initialiser runs before Main, so the program is this process when the variable names a journal, and the test runner otherwise.</remarks>
internal static class JournalWriterProcess
{
    private const string Variable = "RINGFENCE_TEST_JOURNAL_WRITER";

    /// <summary>Decisions per transaction; the position saved with them counts the decisions.</summary>
    public const int BatchSize = 3;

    public static Process Start(string journal)
    {
        // Started by dotnet or by its own executable: the test runner's way decides.
        var self = Environment.ProcessPath!;
        string[] arguments = System.IO.Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(JournalWriterProcess).Assembly.Location] : [];
        return Process.Start(new ProcessStartInfo(self, arguments)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { [Variable] = journal },
        })!;
    }

    [ModuleInitializer]
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path)
        {
            AppendUntilKilled(path);
        }
    }

    private static void AppendUntilKilled(string path)
    {
        var journal = SqliteJournal.Open(path, TimeProvider.System, NullLogger.Instance);
        var count = journal.Positions() is [var position] ? position.Offset : 0;
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        while (true)
        {
            count += BatchSize;
            var written = journal.Append(
                [.. Enumerable.Range(1, BatchSize).Select(n => Ban((uint)(count - BatchSize + n)))],
                [new ReadPosition("/var/log/asterisk/security", 1, 2, count, 3, 4)]);
            output.WriteLine(string.Join(' ', written.Select(decision => decision.Id)));
        }
    }

    private static Ban Ban(uint number)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new Ban(0, now, new Network(Address.FromIPv4(number), 32), "RF2001", "5 wrong passwords in 1 min 12 s", now.AddHours(1), 1)
        {
            Evidence = [.. Enumerable.Range(1, 5).Select(JournalFixture.EvidenceLine)],
        };
    }
}
