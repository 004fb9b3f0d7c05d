export {
  type Attribute,
  type ElementType,
  elementNumber,
  GraphBuilder,
  type Tensor,
  type TensorLiteral,
  type TensorValues,
} from './graph-builder.ts';
