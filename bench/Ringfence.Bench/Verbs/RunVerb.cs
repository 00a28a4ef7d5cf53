using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>run</c>: one run of a command over a log: wall time, processor time, memory.</summary>
internal static class RunVerb
{
    public static Command Build(TimeProvider clock)
    {
        var lines = new Option<int>("--lines") { Required = true, Description = "Lines of the log that it reads." };
        var output = new Option<string>("--output") { Required = true, Description = "Where its output goes." };
        var command = new Argument<string[]>("COMMAND") { Description = "Behind --.", Arity = ArgumentArity.OneOrMore };
        var verb = new Command("run", "Run a command once and measure it.") { lines, output, command };
        var result = new ResultOptions(verb, "replay");
        verb.SetAction(async (parsed, stop) =>
        {
            var path = parsed.GetValue(output)!;
            var memory = path + ".rss";
            // GNU time for the memory alone: it is small, so what its child inherits of it is not seen.
            var start = new ProcessStartInfo("/usr/bin/time", ["--quiet", "-f", "%M", "-o", memory, .. parsed.GetValue(command)!])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            await using var target = new FileStream(path, FileMode.Create);
            using var errors = new MemoryStream();
            var cpuBefore = ChildrenUse.Cpu;
            var began = clock.GetTimestamp();
            using var process = Process.Start(start)!;
            // A pipe and not /dev/null: grep stops at the first match there.
            await Task.WhenAll(
                process.StandardOutput.BaseStream.CopyToAsync(target, stop),
                process.StandardError.BaseStream.CopyToAsync(errors, stop));
            await process.WaitForExitAsync(stop);
            var wall = clock.GetElapsedTime(began);
            target.Write(errors.ToArray());
            var count = parsed.GetValue(lines);
            var cpu = ChildrenUse.Cpu - cpuBefore;
            result.Report(
                parsed,
                ("lines", count),
                ("wall_s", wall.TotalSeconds),
                ("cpu_s", cpu.TotalSeconds),
                ("lines_per_s", count / wall.TotalSeconds),
                ("lines_per_cpu_s", count / cpu.TotalSeconds),
                ("peak_rss_mb", long.Parse((await File.ReadAllTextAsync(memory, stop)).Trim(), CultureInfo.InvariantCulture) * 1024 / 1e6));
            return process.ExitCode;
        });
        return verb;
    }
}
