namespace Ringfence.Core.Wire;

/// <summary>Puts a filter together: instructions, and names of places to jump to.</summary>
internal sealed class FilterAssembly
{
    private readonly List<(ushort Code, uint Operand, string? IfTrue, string? IfFalse)> _lines = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    /// <summary>The next instruction is where jumps to this name lead.</summary>
    public FilterAssembly At(string place)
    {
        _places.Add(place, _lines.Count);
        return this;
    }

    public FilterAssembly Do(ushort code, uint operand = 0)
    {
        _lines.Add((code, operand, null, null));
        return this;
    }

    /// <param name="ifTrue">null: go on.</param>
    /// <param name="ifFalse">null: go on.</param>
    public FilterAssembly If(ushort code, uint operand, string? ifTrue, string? ifFalse = null)
    {
        _lines.Add((code, operand, ifTrue, ifFalse));
        return this;
    }

    public FilterAssembly GoTo(string place)
    {
        _lines.Add((FilterCode.Jump, 0, place, null));
        return this;
    }

    /// <summary>Goes there if A is one of these.</summary>
    public FilterAssembly IfOneOf(IEnumerable<uint> values, string place)
    {
        foreach (var value in values)
        {
            If(FilterCode.JumpIfEqual, value, place);
        }

        return this;
    }

    /// <exception cref="OverflowException">A comparison would have to jump over more than 255 instructions.</exception>
    public IReadOnlyList<FilterInstruction> ToInstructions() => [.. _lines.Select((line, at) => line.Code == FilterCode.Jump
        ? new FilterInstruction(line.Code, 0, 0, (uint)Distance(at, line.IfTrue))
        : new FilterInstruction(line.Code, checked((byte)Distance(at, line.IfTrue)), checked((byte)Distance(at, line.IfFalse)), line.Operand))];

    private int Distance(int from, string? place) => place is null ? 0 : _places[place] - from - 1;
}
