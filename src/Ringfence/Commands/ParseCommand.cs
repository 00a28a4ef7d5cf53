using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Wire;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence parse</c>: logs to events, one JSON object a line; what fail2ban-regex is for.</summary>
internal static class ParseCommand
{
    public static Command Build()
    {
        var files = LogArguments.Files();
        var zone = LogArguments.TimeZone();
        var pbx = LogArguments.Pbx();
        var ports = LogArguments.SipPorts();
        var door = LogArguments.Door();
        var config = ConfigOption.Create();
        var unmatched = new Option<bool>("--unmatched") { Description = "Print the lines that look like security lines and did not parse, in place of the events; of a door with patterns those that hold an address and that no pattern finds." };
        var json = new Option<bool>("--json") { Description = "Print JSON Lines (shapes: docs/json.md). Events always are; with --unmatched it makes the lines so." };
        var verb = new Verb("parse", "Print the events that logs hold, as JSON Lines.")
        {
            Examples =
            [
                ("ringfence parse /var/log/asterisk/security", "every event, one JSON object a line"),
                ("ringfence parse sip.pcap", "the refusals and logins that a capture holds"),
                ("ringfence parse --door sshd /var/log/auth.log", "what another program's log holds"),
                ("ringfence parse --unmatched /var/log/asterisk/messages", "lines that should have parsed and did not"),
            ],
        };
        verb.Add(files);
        verb.Add(unmatched);
        verb.Add(json);
        verb.Add(zone);
        verb.Add(pbx);
        verb.Add(ports);
        verb.Add(door);
        verb.Add(config);
        return verb.Does((parsed, surroundings, stop) =>
        {
            var captures = LogArguments.Captures(parsed.GetValue(pbx), parsed.GetValue(ports));

            // A configuration with mistakes must not keep anybody from reading a log that it has nothing to do with.
            var named = parsed.GetValue(door);
            var isAsked = parsed.GetValue(config) is not null || (named is not null && !DoorSettings.Kinds.Any(kind => kind.Name == named));
            var settings = isAsked ? surroundings.ReadConfig(parsed.GetValue(config)) : RingfenceConfig.Default;
            var doors = settings.Doors;
            captures.Fingerprints = settings.Detection.Fingerprints;
            var doorOf = LogArguments.DoorOf(named, doors);
            using var logs = LogArguments.Open(
                parsed.GetValue(files)!, LogArguments.Zone(parsed.GetValue(zone), surroundings.Clock), "parse", captures, path => doorOf(path) is { } door ? door with { TellsUnmatched = parsed.GetValue(unmatched) } : null);
            using var progress = new Progress(surroundings, "reading", logs.TotalBytes);
            var sink = new Printer(surroundings.Output, parsed.GetValue(unmatched), parsed.GetValue(json));
            Exception? damage = null;
            try
            {
                logs.Run(ref sink, next =>
                {
                    stop.ThrowIfCancellationRequested();
                    progress.Report(logs.DoneBytes);
                    sink.File = logs.Logs[next].Path;
                });
            }
            catch (LogFileException problem)
            {
                damage = problem;
            }

            sink.Flush();
            progress.Dispose();
            PrintSummaries(logs, captures, surroundings);
            if (damage is not null)
            {
                throw new WorldFailedException(damage.Message, damage);
            }

            LogArguments.RefuseForeign(logs);
            return Task.FromResult(ExitCode.Fine);
        });
    }

    /// <param name="onlyOdd">Of several logs those alone in which something is wrong, and then how much it was in all.</param>
    public static void PrintSummaries(LogReplay logs, CaptureReading captures, Surroundings surroundings, bool onlyOdd = false)
    {
        foreach (var note in captures.Notes)
        {
            surroundings.Error.WriteLine(Terminal.Safe(note));
        }

        foreach (var ((path, counts, isMixed), capture, door) in logs.Logs.Zip(logs.Captures, logs.Doors))
        {
            if (capture is not null)
            {
                surroundings.Error.WriteLine(Terminal.Safe(Summary(path, capture)));
                continue;
            }

            var isForeign = LogArguments.IsForeign(path, counts, door);
            if (isForeign || isMixed || counts is not { Unmatched: 0, Overlong: 0, Cut: 0, Distrusted: 0 } || !onlyOdd || logs.Logs.Count == 1)
            {
                surroundings.Error.WriteLine(Terminal.Safe(Summary(path, counts, isMixed)));
            }

            if (isForeign)
            {
                surroundings.Error.WriteLine(Terminal.Safe($"{path}: no line looks like Asterisk's"));
            }
        }

        var read = logs.Logs.Zip(logs.Captures, (log, capture) => (log.Counts, IsLog: capture is null)).Where(log => log.IsLog).ToList();
        if (onlyOdd && logs.Logs.Count > 1 && read.Count > 0)
        {
            var all = read.Aggregate(default(LogCounts), (sum, log) => sum + log.Counts);
            surroundings.Error.WriteLine($"{Words.Count(read.Count, "log")}: {Words.Count(all.Lines, "line")}, {Words.Count(all.Events, "event")}, {all.Unmatched} not understood");
        }
    }

    public static string Summary(string path, LogCounts counts, bool isMixed)
    {
        var text = $"{path}: {Words.Count(counts.Lines, "line")}, {Words.Count(counts.Events, "event")}, {counts.Unmatched} not understood";
        text += counts.Overlong == 0 ? "" : $", {Words.Count(counts.Overlong, "line")} too long and skipped";
        text += counts.Cut == 0 ? "" : $", {Words.Count(counts.Cut, "line")} cut by the logger";
        text += counts.Distrusted == 0 ? "" : $", {Words.Count(counts.Distrusted, "line")} not to be trusted";
        var reasons = string.Concat(DoubtWords.Of(counts.Doubts).Select(reason => $"; {reason}"));
        return isMixed ? $"{text}; callers can write into this log (it has VERBOSE, DEBUG or DTMF lines), so nothing in it counts" : text + reasons;
    }

    private static string Summary(string path, CaptureBuffer capture)
    {
        var tap = capture.Tap;
        var text = $"{path}: {Words.Count(capture.File.Packets, "packet")}, {Words.Count(tap.Messages, "SIP message")}, {tap.Invalid} not understood";
        text += tap.Lost == 0 ? "" : $", {Words.Count(tap.Lost, "piece")} lost";
        text += tap.Damaged == 0 ? "" : $", {Words.Count(tap.Damaged, "packet")} with a wrong checksum, which the PBX never read";
        text += tap.Opaque == 0 ? "" : $", {Words.Count(tap.Opaque, "TLS connection")} that can't be read";
        return capture.File.Foreign == 0 ? text : $"{text}, {Words.Count(capture.File.Foreign, "packet")} of a link that is not read here";
    }

    private sealed class Printer(TextWriter output, bool onlyUnmatched, bool asJson) : IEventSink
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(1 << 16);
        private Utf8JsonWriter? _json;

        public string File { get; set; } = "";

        public void See(in PbxEvent seen)
        {
            if (onlyUnmatched)
            {
                return;
            }

            var json = Begin();
            json.WriteNumber("line", seen.Line);
            json.WriteString("time", seen.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
            json.WriteString("event", ReportFrom.Name(seen.Kind));
            json.WriteString("service", ServiceName(seen.Service));
            json.WriteString("address", seen.Source.ToString());
            WriteOrNull(json, "port", seen.Port);
            json.WriteString("transport", TransportName(seen.Transport));
            json.WriteString("account", SafeText.From(seen.Account));
            json.WriteString("proof", ReportFrom.Name(seen.Proof));
            json.WriteString("detail", SafeText.From(seen.Detail));
            if (seen.Expires is { } expires)
            {
                json.WriteString("contact", SafeText.From(seen.Contact));
                json.WriteNumber("expires", expires);
            }

            End(json);
        }

        public void Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
            if (!onlyUnmatched)
            {
                return;
            }

            if (!asJson)
            {
                output.WriteLine($"{Terminal.Safe(File)}:{lineNumber}: {SafeText.From(line)}");
                return;
            }

            var json = Begin();
            json.WriteNumber("line", lineNumber);
            json.WriteString("text", SafeText.From(line));
            End(json);
        }

        public void Flush()
        {
            if (_buffer.WrittenCount > 0)
            {
                output.Write(System.Text.Encoding.UTF8.GetString(_buffer.WrittenSpan));
                _buffer.ResetWrittenCount();
            }

            output.Flush();
        }

        private Utf8JsonWriter Begin()
        {
            _json ??= new Utf8JsonWriter(_buffer);
            _json.Reset();
            _json.WriteStartObject();
            _json.WriteString("file", File);
            return _json;
        }

        private void End(Utf8JsonWriter json)
        {
            json.WriteEndObject();
            json.Flush();
            _buffer.Write("\n"u8);
            if (_buffer.WrittenCount > 48 * 1024)
            {
                Flush();
            }
        }

        private static void WriteOrNull(Utf8JsonWriter json, string name, ushort port)
        {
            if (port == 0)
            {
                json.WriteNull(name);
            }
            else
            {
                json.WriteNumber(name, port);
            }
        }

        private static string? TransportName(Transport transport) => transport == Transport.Unknown ? null : transport.ToString().ToUpperInvariant();

        private static string? ServiceName(Service service) => service switch
        {
            Service.Pjsip => "PJSIP",
            Service.Sip => "SIP",
            Service.Iax2 => "IAX2",
            Service.Ami => "AMI",
            Service.Other => "other",
            Service.Ssh => "ssh",
            Service.FreePbx => "FreePBX",
            Service.Web => "HTTP",
            Service.Kamailio => "Kamailio",
            Service.OpenSips => "OpenSIPS",
            Service.Door => "door",
            _ => null,
        };
    }
}
