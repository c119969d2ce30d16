//! What has to be known of a module to move its functions and to leave some out.

use std::error::Error;
use std::ops::Range;

use wasmparser::{
    DataKind, ElementItems, ElementKind, ExternalKind, FuncType, KnownCustom, Name, Operator, OperatorsReader, Parser,
    Payload, TypeRef,
};

/// Identifiers of sections that hold functions in their order (WebAssembly Core 2.0, 5.5).
const FUNCTION: u8 = 3;
const CODE: u8 = 10;

/// Custom sections that say nothing about single functions.
const HARMLESS: [&str; 2] = ["producers", "target_features"];

/// One place that names a function.
#[derive(Debug)]
pub(super) struct Use {
    /// The bytes of the index.
    pub(super) bytes: Range<usize>,
    /// The function.
    pub(super) function: u32,
}

/// What has to be known of a module. All ranges are of its bytes.
#[derive(Debug, Default)]
pub(super) struct Module<'a> {
    pub(super) wasm: &'a [u8],
    /// Identifiers and contents of sections, in their order, without the names.
    pub(super) sections: Vec<(u8, Range<usize>)>,
    /// How many functions come from outside; theirs are the first indices.
    pub(super) imported: u32,
    /// Types of functions, as their indices are written.
    pub(super) types: Vec<Range<usize>>,
    /// Functions without their lengths.
    pub(super) bodies: Vec<Range<usize>>,
    /// Where functions are named by index, in the order of their places.
    pub(super) uses: Vec<Use>,
    /// What people call functions, by index; where the module says so.
    pub(super) names: Vec<(u32, &'a str)>,
    /// Addresses in memory and the bytes that lie there at the start.
    pub(super) data: Vec<(u32, Range<usize>)>,
    /// Types by their indices.
    pub(super) signatures: Vec<FuncType>,
    /// Whether functions in tables can be had otherwise than by calls through a table.
    pub(super) open: bool,
    /// Which tables hold functions.
    pub(super) tables: Vec<bool>,
    /// What tables hold at the start: places in them, and where `uses` names the function.
    pub(super) entries: Vec<(u32, usize)>,
    /// Bytes to be left out, in their order.
    pub(super) cuts: Vec<Range<usize>>,
}

impl<'a> Module<'a> {
    /// # Errors
    /// What is malformed, or may name functions in a way that is not understood.
    pub(super) fn read(wasm: &'a [u8]) -> Result<Self, String> {
        Module::sections(wasm).map_err(|e| format!("reading the engine: {e}"))
    }

    fn sections(wasm: &'a [u8]) -> Result<Self, Box<dyn Error>> {
        let mut module = Module { wasm, ..Module::default() };
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            module.sections.extend(payload.as_section());
            match payload {
                Payload::TypeSection(types) => {
                    module.signatures = types.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import?.ty {
                            TypeRef::Func(_) => module.imported += 1,
                            TypeRef::Table(table) => {
                                module.tables.push(table.element_type.is_func_ref());
                                module.open |= table.element_type.is_func_ref();
                            }
                            _ => {}
                        }
                    }
                }
                Payload::TableSection(tables) => {
                    for table in tables {
                        module.tables.push(table?.ty.element_type.is_func_ref());
                    }
                }
                Payload::FunctionSection(types) => {
                    for item in types.into_iter_with_offsets() {
                        let (start, _) = item?;
                        module.types.push(start..leb_end(wasm, start));
                    }
                }
                Payload::GlobalSection(globals) => {
                    for global in globals {
                        module.uses_in(global?.init_expr.get_operators_reader())?;
                    }
                }
                Payload::ExportSection(exports) => {
                    for item in exports.into_iter_with_offsets() {
                        let (start, export) = item?;
                        if export.kind == ExternalKind::Func {
                            // The name's length, the name, the kind.
                            module.used(leb_end(wasm, start) + export.name.len() + 1, export.index);
                        }
                        module.open |= export.kind == ExternalKind::Table && module.of_functions(export.index);
                    }
                }
                Payload::StartSection { func, range } => module.used(range.start, func),
                Payload::ElementSection(segments) => {
                    for segment in segments {
                        let segment = segment?;
                        let mut first = None;
                        if let ElementKind::Active { offset_expr, .. } = segment.kind {
                            module.uses_in(offset_expr.get_operators_reader())?;
                            if let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? {
                                first = Some(value as u32);
                            }
                        }
                        match segment.items {
                            ElementItems::Functions(functions) => {
                                for (item, place) in functions.into_iter_with_offsets().zip(0..) {
                                    let (start, function) = item?;
                                    module.entries.extend(first.map(|first| (first + place, module.uses.len())));
                                    module.used(start, function);
                                }
                            }
                            ElementItems::Expressions(_, expressions) => {
                                for expression in expressions {
                                    module.uses_in(expression?.get_operators_reader())?;
                                }
                            }
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    module.bodies.push(body.range());
                    module.uses_in(body.get_operators_reader()?)?;
                }
                Payload::DataSection(segments) => {
                    for segment in segments {
                        let segment = segment?;
                        if let DataKind::Active { offset_expr, .. } = segment.kind
                            && let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
                        {
                            let end = segment.range.end;
                            module.data.push((value as u32, end - segment.data.len()..end));
                        }
                    }
                }
                Payload::CustomSection(custom) if custom.name() == "name" => {
                    module.sections.pop();
                    let KnownCustom::Name(names) = custom.as_known() else { continue };
                    for part in names {
                        if let Name::Function(functions) = part? {
                            for name in functions {
                                let name = name?;
                                module.names.push((name.index, name.name));
                            }
                        }
                    }
                }
                Payload::CustomSection(custom) if !HARMLESS.contains(&custom.name()) => {
                    return Err(format!("the custom section {} may name functions", custom.name()).into());
                }
                _ => {}
            }
        }
        Ok(module)
    }

    /// Notes what instructions name. Validation has let none through that name functions otherwise.
    fn uses_in(&mut self, code: OperatorsReader<'_>) -> wasmparser::Result<()> {
        for item in code.into_iter_with_offsets() {
            let (operator, start) = item?;
            match operator {
                Operator::Call { function_index } | Operator::RefFunc { function_index } => {
                    self.used(start + 1, function_index);
                }
                Operator::TableGet { table }
                | Operator::TableSet { table }
                | Operator::TableGrow { table }
                | Operator::TableFill { table }
                | Operator::TableCopy { dst_table: table, .. }
                | Operator::TableInit { table, .. } => self.open |= self.of_functions(table),
                _ => {}
            }
        }
        Ok(())
    }

    fn of_functions(&self, table: u32) -> bool {
        self.tables.get(table as usize).copied().unwrap_or(true)
    }

    /// The type of a function of this module.
    pub(super) fn signature(&self, function: u32) -> Option<&FuncType> {
        let own = function.checked_sub(self.imported)?;
        let bytes = &self.wasm[self.types.get(own as usize)?.clone()];
        let index = bytes.iter().rev().fold(0, |index, byte| index << 7 | usize::from(byte & 0x7f));
        self.signatures.get(index)
    }

    fn used(&mut self, start: usize, function: u32) {
        self.uses.push(Use { bytes: start..leb_end(self.wasm, start), function });
    }

    /// The module with its own functions in the given order, which names each of them at most once: the
    /// others are left out.
    ///
    /// # Errors
    /// Where a function is placed twice, or left out and used.
    pub(super) fn write(&self, order: &[usize]) -> Result<Vec<u8>, String> {
        let mut moved = vec![None; self.bodies.len()];
        for (new, old) in (self.imported..).zip(order) {
            if moved.get_mut(*old).is_none_or(|place| place.replace(new).is_some()) {
                return Err(format!("function {old} cannot be placed twice, or does not exist"));
            }
        }
        let index = |old: u32| match old.checked_sub(self.imported) {
            None => Some(old),
            Some(own) => moved.get(own as usize).copied().flatten(),
        };
        let mut out = self.wasm[..8].to_vec();
        for (id, range) in &self.sections {
            let mut content = Vec::with_capacity(range.len());
            match *id {
                FUNCTION => {
                    leb(&mut content, order.len());
                    order.iter().for_each(|old| content.extend(&self.wasm[self.types[*old].clone()]));
                }
                CODE => {
                    leb(&mut content, order.len());
                    for old in order {
                        let body = self.renamed(&self.bodies[*old], index)?;
                        leb(&mut content, body.len());
                        content.extend(body);
                    }
                }
                _ => content = self.renamed(range, index)?,
            }
            out.push(*id);
            leb(&mut out, content.len());
            out.extend(content);
        }
        Ok(out)
    }

    /// A part of the module with functions named by their new indices.
    fn renamed(&self, range: &Range<usize>, index: impl Fn(u32) -> Option<u32>) -> Result<Vec<u8>, String> {
        let mut out = Vec::with_capacity(range.len());
        let mut at = range.start;
        let uses = self.uses[self.uses.partition_point(|u| u.bytes.start < range.start)..].iter();
        let mut uses = uses.take_while(|u| u.bytes.start < range.end).peekable();
        let cuts = self.cuts[self.cuts.partition_point(|c| c.start < range.start)..].iter();
        let mut cuts = cuts.take_while(|c| c.start < range.end).peekable();
        loop {
            let cut = cuts.peek().map_or(range.end, |c| c.start);
            if let Some(named) = uses.next_if(|u| u.bytes.start < cut) {
                out.extend(&self.wasm[at..named.bytes.start]);
                let new = index(named.function).ok_or_else(|| format!("function {} does not exist", named.function))?;
                leb(&mut out, new as usize);
                at = named.bytes.end;
            } else if let Some(gone) = cuts.next() {
                out.extend(&self.wasm[at..gone.start]);
                at = gone.end;
                while uses.next_if(|u| u.bytes.start < at).is_some() {}
            } else {
                break;
            }
        }
        out.extend(&self.wasm[at..range.end]);
        Ok(out)
    }
}

/// Where the LEB128 number ends that starts here.
pub(super) fn leb_end(bytes: &[u8], start: usize) -> usize {
    let length = bytes[start..].iter().position(|byte| *byte < 0x80).unwrap_or(0);
    start + length + 1
}

/// Appends an unsigned LEB128 number of the least length.
pub(super) fn leb(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
