using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>Receives what a parser reads.</summary>
internal interface IEventSink
{
    void See(in PbxEvent seen);

    /// <summary>A line that looks like a security line and has no grammar: what a new Asterisk version or an attacker wrote.</summary>
    void Unmatched(ReadOnlySpan<byte> line, long lineNumber);
}
